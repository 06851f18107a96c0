"""Publishing: only intact weights, all that were named, an index that replaces the last one."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from contract.mirror import INDEX_FILE, decode_index, decode_signed, manifest_of
from edge.vision.folders import PassedOver
from edge.vision.registry import ModelRegistry
from models.delivery.errors import ManifestRefused, NotOffered
from models.delivery.publish import Weights, publishable


def registry_of(province, *models):
    return ModelRegistry(
        manifests=tuple(model.manifest for model in models), folders=(province.weights,)
    )


def published(province):
    path = province.mirror / INDEX_FILE
    return decode_index(decode_signed(path.read_bytes(), str(path)).index, str(path))


def test_index_tells_size_hash_and_the_whole_manifest(province):
    model = province.model()
    province.publish(model)
    (entry,) = published(province).models
    assert entry.size_bytes == model.path.stat().st_size
    assert entry.sha256 == model.manifest.sha256
    assert manifest_of(entry) == model.manifest


def test_manifest_leaves_out_what_is_at_its_default(province):
    """Else a field that a later release adds would keep older units from reading any manifest."""
    province.publish(province.model())
    (entry,) = published(province).models
    assert "preference" not in msgspec.json.decode(entry.manifest)


def test_everyone_may_read_what_is_published(province):
    province.publish(province.model())
    for path in (province.mirror / INDEX_FILE, province.mirror / "new-reader.onnx"):
        assert path.stat().st_mode & 0o777 == 0o644


def test_later_index_replaces_the_earlier_one(province):
    province.publish(province.model("a"))
    province.publish(province.model("b"))
    assert [model.name for model in published(province).models] == ["b"]


def test_only_intact_weights_are_published_unless_named(province):
    good, bad = province.model("good"), province.model("bad")
    bad.path.write_bytes(b"short")
    registry = registry_of(province, good, bad)
    assert [weights.manifest.name for weights in publishable(registry, ())] == ["good"]
    with pytest.raises(NotOffered, match=r"bad cannot be published: .*truncated or another file"):
        publishable(registry, ["bad"])


def test_unknown_name_lists_the_known_ones(province):
    registry = registry_of(province, province.model("a"))
    with pytest.raises(NotOffered, match="no model is called b; known: a"):
        publishable(registry, ["b"])


def test_broken_manifest_is_not_silently_left_out(province):
    passed_over = PassedOver(problem="manifest x.toml: no", is_broken=True)
    registry = replace(registry_of(province, province.model("a")), passed_over=(passed_over,))
    with pytest.raises(ManifestRefused, match=r"manifest x\.toml: no; nothing was published"):
        publishable(registry, ())
    assert publishable(registry, ["a"]), "whoever names models leaves the others out on purpose"


def test_nothing_is_written_where_one_model_cannot_be_offered(province):
    bad = province.model("bad")
    named = msgspec.structs.replace(bad.manifest, name="my model")
    with pytest.raises(ManifestRefused, match=r"'my model' cannot be offered: .*`\$\.name`"):
        province.publish(province.model("good"), Weights(manifest=named, path=bad.path))
    assert not province.mirror.exists()


def test_two_models_cannot_share_a_file(province):
    model = province.model("a")
    twin = msgspec.structs.replace(model.manifest, name="b")
    registry = ModelRegistry(manifests=(model.manifest, twin), folders=(province.weights,))
    with pytest.raises(ManifestRefused, match=r"both have the file a\.onnx"):
        publishable(registry, ())
