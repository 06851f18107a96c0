"""Whether weights fit their manifest, shown by a picture."""

from __future__ import annotations

import msgspec
import pytest

from edge.vision.registry import ModelRegistry
from models.loading import misfit, refusal
from tests.edge.vision.graphs import brightness_graph, store
from tests.edge.vision.manifests import expression_manifest, face_manifest
from tests.edge.vision.planted import SIDE_PX, face_graph

GREY = brightness_graph(input_shape=("n", 1, 16, 16))
FACE = ((5.0, 6.0), (11.0, 6.0), (8.0, 9.0), (6.0, 12.0), (10.0, 12.0))


def test_weights_that_fit_are_fine(tmp_path):
    assert misfit(store(tmp_path, expression_manifest(), GREY)) == ""
    assert misfit(store(tmp_path, face_manifest(side_px=SIDE_PX), face_graph())) == ""


def test_input_of_another_size_does_not_fit(tmp_path):
    size = msgspec.structs.replace(expression_manifest().input, width_px=64, height_px=64)
    manifest = msgspec.structs.replace(expression_manifest(), input=size)
    assert "instead of input[?,1,64,64]" in misfit(store(tmp_path, manifest, GREY))


@pytest.mark.parametrize(
    "manifest",
    [expression_manifest(), msgspec.structs.replace(expression_manifest(), alignment=FACE)],
    ids=["square around the box", "turned onto landmarks"],
)
def test_real_crop_tells_outputs_that_are_right_for_an_empty_picture_only(tmp_path, manifest):
    graph = brightness_graph(input_shape=("n", 1, 16, 16), weights=(1.0, 1.0))
    assert "add up to" in misfit(store(tmp_path, manifest, graph))


@pytest.mark.parametrize("content", [None, b"cut"], ids=["absent", "damaged"])
def test_refusal_says_what_is_wrong_with_the_file(tmp_path, content):
    manifest = store(tmp_path, expression_manifest(), GREY).manifest
    path = tmp_path / manifest.file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    registry = ModelRegistry(manifests=(manifest,), folders=(tmp_path,))
    assert "model tiny-expression cannot be used" in refusal(registry, manifest)
