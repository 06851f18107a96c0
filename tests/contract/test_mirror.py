"""An index's entries: none is made that no unit could read, and each is read on its own."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from contract.errors import ManifestError, ModelIndexError
from contract.manifest import ModelManifest
from contract.mirror import ModelIndex, decode_index, manifest_of, offer
from tests.edge.vision.manifests import expression_manifest

BAD_NAMES = ["my model", "mô-hình", "", "-x", ".x", "x\n", "a/b", "x" * 129]
BAD_FILES = ["weights v2.onnx", "-x.onnx", "../esc.onnx", "sub/x.onnx", "index.json", "x.onnx\n"]


def manifest(**changes: object) -> ModelManifest:
    return msgspec.structs.replace(expression_manifest(name="reader"), **changes)


def text_of(*entries: dict[str, object]) -> str:
    index = {"published_at": datetime.now(UTC), "models": entries}
    return msgspec.json.encode(index).decode()


def entry(**changes: object) -> dict[str, object]:
    return {**msgspec.json.decode(msgspec.json.encode(offer(manifest(), size_bytes=5))), **changes}


def test_offer_is_read_as_it_was_made():
    model = offer(manifest(), size_bytes=5)
    index = ModelIndex(published_at=datetime.now(UTC), models=(model,))
    (read,) = decode_index(msgspec.json.encode(index).decode(), "here").models
    assert (read.name, read.file, read.size_bytes) == ("reader", "reader.onnx", 5)
    assert manifest_of(read) == manifest()


@pytest.mark.parametrize("name", BAD_NAMES)
def test_name_that_units_refuse_is_not_offered(name):
    with pytest.raises(ManifestError, match=r"cannot be offered: .*`\$\.name`"):
        offer(manifest(name=name), size_bytes=5)


@pytest.mark.parametrize("file", BAD_FILES)
def test_file_that_units_refuse_is_not_offered(file):
    with pytest.raises(ManifestError, match=r"'reader' cannot be offered: .*`\$\.file`"):
        offer(manifest(file=file), size_bytes=5)


def test_number_that_json_cannot_hold_is_not_offered():
    with pytest.raises(ManifestError, match=r"`\$\.crop_margin`"):
        offer(manifest(crop_margin=float("inf")), size_bytes=5)


def test_weights_without_bytes_are_not_offered():
    with pytest.raises(ManifestError, match=r"`\$\.size_bytes`"):
        offer(manifest(), size_bytes=0)


def test_entry_that_cannot_be_read_hides_no_other():
    text = text_of(entry(), entry(name="odd", size_bytes="many"), entry(name="my model"))
    index = decode_index(text, "here")
    assert [model.name for model in index.models] == ["reader"]
    assert sorted(index.unreadable) == ["my model", "odd"]
    assert "`$.size_bytes`" in index.unreadable["odd"]
    assert index.names == ("reader", "odd", "my model")


@pytest.mark.parametrize("bad", [{}, {"name": 3}, None, []], ids=repr)
def test_entry_without_a_name_makes_the_index_unreadable(bad):
    with pytest.raises(ModelIndexError, match="here: the index is not what it should be"):
        decode_index(text_of(entry(), bad), "here")
