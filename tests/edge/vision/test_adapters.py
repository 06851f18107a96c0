"""From the settings' names to detectors and readers."""

from __future__ import annotations

import msgspec
import pytest
import structlog.testing

from contract.manifest import ModelManifest
from edge.errors import ModelInvalid, ModelMissing
from edge.vision.adapters import NONE, load_detector, load_expression_reader
from edge.vision.registry import ModelRegistry
from tests.edge.vision.graphs import brightness_graph, store
from tests.edge.vision.manifests import expression_manifest, face_manifest, person_manifest
from tests.edge.vision.planted import SIDE_PX, face_graph


@pytest.fixture
def registry(tmp_path):
    """A face detector, an expression model, and a person detector without weights."""
    files = (
        store(tmp_path, face_manifest(side_px=SIDE_PX), face_graph()),
        store(tmp_path, expression_manifest(), brightness_graph(input_shape=("n", 1, 16, 16))),
    )
    return ModelRegistry(
        manifests=(*(file.manifest for file in files), person_manifest("yolox", side_px=64)),
        folders=(tmp_path,),
    )


def test_auto_takes_a_face_detector_and_the_expression_model(registry):
    assert load_detector(registry).name == "tiny-yunet"
    reader = load_expression_reader(registry)
    assert reader is not None
    assert reader.name == "tiny-expression"


def test_a_person_detector_is_taken_by_its_name(registry):
    with pytest.raises(ModelMissing, match=r"model tiny-yolox cannot be used: yolox.onnx was not"):
        load_detector(registry, "tiny-yolox")


def test_an_expression_model_is_no_detector(registry):
    with pytest.raises(ModelInvalid, match="tiny-expression reads expressions and finds nothing"):
        load_detector(registry, "tiny-expression")


def test_none_does_without_a_reader(registry):
    assert load_expression_reader(registry, NONE) is None


def test_without_an_expression_model_the_unit_says_so_and_goes_on(registry):
    faces_only = ModelRegistry(manifests=registry.manifests[:1], folders=registry.folders)
    with structlog.testing.capture_logs() as events:
        assert load_expression_reader(faces_only) is None
    assert [event["event"] for event in events] == ["expression_model_missing"]


def test_a_reader_asked_for_by_name_must_be_there(registry):
    with pytest.raises(ModelMissing, match="no model is called other"):
        load_expression_reader(registry, "other")


def test_an_unknown_adapter_lists_the_known_ones(tmp_path):
    file = store(tmp_path, face_manifest(adapter="crystal-ball"), face_graph())
    registry = ModelRegistry(manifests=(file.manifest,), folders=(tmp_path,))
    with pytest.raises(ModelInvalid, match=r"wants the adapter crystal-ball.*yunet, yolox"):
        load_detector(registry)


def preferred(manifest: ModelManifest, *, side_px: int) -> ModelManifest:
    """Return the manifest of a copy that goes first, and is wrong about the size of its input."""
    size = msgspec.structs.replace(manifest.input, width_px=side_px, height_px=side_px)
    return msgspec.structs.replace(manifest, name="own", preference=9, input=size)


@pytest.fixture
def registry_with_misfits(registry):
    """The registry, and before each of its models one whose manifest does not fit the weights."""
    detector, reader, *others = registry.manifests
    misfits = (preferred(detector, side_px=96), preferred(reader, side_px=64))
    return ModelRegistry(manifests=(*misfits, detector, reader, *others), folders=registry.folders)


@pytest.mark.parametrize(
    ("load", "taken"),
    [(load_detector, "tiny-yunet"), (load_expression_reader, "tiny-expression")],
    ids=["detector", "reader"],
)
def test_auto_goes_on_where_the_best_cannot_be_opened_and_says_why(
    registry_with_misfits, load, taken
):
    with structlog.testing.capture_logs() as events:
        assert load(registry_with_misfits).name == taken
    (event,) = events
    assert event["event"] == "model_passed_over"
    assert "model own (" in event["reason"]
    assert "its input is input" in event["reason"]


def test_named_model_that_cannot_be_opened_ends_the_search(registry_with_misfits):
    with pytest.raises(ModelInvalid, match=r"model own \(.*its input is"):
        load_detector(registry_with_misfits, "own")


def test_without_any_reader_that_can_be_opened_the_unit_goes_on_without_one(registry_with_misfits):
    misfits = registry_with_misfits.manifests[:2]
    alone = ModelRegistry(manifests=misfits, folders=registry_with_misfits.folders)
    with structlog.testing.capture_logs() as events:
        assert load_expression_reader(alone) is None
    (event,) = events
    assert "its input is input" in event["reason"]
    with pytest.raises(ModelInvalid, match="its input is input"):
        load_detector(alone)
