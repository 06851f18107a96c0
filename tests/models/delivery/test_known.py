"""What a fetched model is to this machine: known, another, too new, withdrawn, vouched for."""

from __future__ import annotations

import msgspec
import pytest
import structlog.testing

from contract.manifest import ModelTask
from contract.mirror import INDEX_FILE
from edge.vision.fingerprint import checksum_file
from edge.vision.registry import Availability, ModelRegistry, open_registry
from models.delivery.errors import ManifestRefused, NotOffered
from models.delivery.fetch import Outcome
from models.delivery.signature import sign
from tests.models.delivery.province import left_in, parts_in

FILE = "new-reader.onnx"


def test_fetched_model_is_found_by_the_registry_and_may_be_the_first_choice(province, server):
    province.fetch(server.address)
    registry = open_registry(province.unit, environment={})
    assert registry.choose(ModelTask.EXPRESSION, "new-reader").path == province.unit / FILE


def test_folder_serves_as_a_mirror_too(province, server):
    assert province.fetch(province.mirror).outcome is Outcome.FETCHED


def test_folder_without_an_index_gives_what_the_release_knows(province):
    known = province.model().manifest
    result = province.fetch(province.weights, product=[known], trusted=())
    assert result.outcome is Outcome.FETCHED
    assert left_in(province.unit) == [FILE], "its manifest is the release's own"
    with pytest.raises(NotOffered, match="this release knows no model called other"):
        province.fetch(province.weights, "other", product=[known])


def test_name_that_means_another_file_here_is_refused(province, server):
    ours = msgspec.structs.replace(province.model().manifest, sha256="0" * 64)
    with pytest.raises(ManifestRefused, match="another file than this release knows by that name"):
        province.fetch(server.address, product=[ours])
    assert left_in(province.unit) == []


def test_file_of_a_known_model_is_never_overwritten(province, server):
    ours = msgspec.structs.replace(province.model().manifest, name="ours")
    with pytest.raises(ManifestRefused, match="publish it under another file name"):
        province.fetch(server.address, product=[ours])


def test_weights_that_do_not_load_are_refused(province, server):
    province.publish(province.model(adapter="of-next-year"))
    with pytest.raises(ManifestRefused, match="wants the adapter of-next-year"):
        province.fetch(server.address)
    assert left_in(province.unit) == parts_in(province.unit) == []


def test_manifest_that_is_newer_than_this_release_says_so(province, server):
    index = (province.mirror / INDEX_FILE).read_bytes()
    changed = msgspec.json.decode(index)
    text = changed["index"].replace('"manifest":{', '"manifest":{"field_of_next_year":1,', 1)
    republish(province, text)
    with pytest.raises(ManifestRefused, match=r"field_of_next_year.*newer than this release"):
        province.fetch(server.address)


def republish(province, text: str) -> None:
    signed = msgspec.json.encode(sign(text, province.key))
    (province.mirror / INDEX_FILE).write_bytes(signed)


def test_withdrawn_model_is_removed_and_the_users_own_is_not(province, server):
    province.fetch(server.address)
    own = province.unit / "own.manifest.toml"
    own.write_text("name = 'own'")
    province.publish()
    (result,) = province.fetcher(server.address).withdraw()
    assert (result.name, result.outcome) == ("new-reader", Outcome.WITHDRAWN)
    assert left_in(province.unit) == ["own.manifest.toml"]


def test_model_whose_hash_nobody_publishes_is_vouched_for_by_the_servers_key(province, server):
    known = msgspec.structs.replace(province.model().manifest, sha256="")
    result = province.fetch(server.address, product=[known])
    status = ModelRegistry(manifests=(known,), folders=(province.unit,)).status(known)
    assert status.availability is Availability.USABLE
    assert checksum_file(result.path).read_text().split()[1] == FILE


def test_unreadable_manifest_beside_weights_does_not_hide_the_others(province, server):
    province.fetch(server.address)
    (province.unit / "broken.manifest.toml").write_text("name = 3")
    with structlog.testing.capture_logs() as events:
        registry = open_registry(province.unit, environment={})
    assert [event["event"] for event in events] == ["manifest_unusable"]
    assert registry.find("new-reader")
