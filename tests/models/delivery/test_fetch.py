"""Fetching over a real HTTP server: whole, resumed, refused, made known, withdrawn."""

from __future__ import annotations

import msgspec
import pytest
import structlog.testing

from contract.manifest import ModelTask
from contract.mirror import INDEX_FILE
from edge.vision.fingerprint import vouched_by
from edge.vision.registry import Condition, ModelRegistry, open_registry
from models.delivery import landing as landing_module
from models.delivery.errors import (
    ContentRefused,
    FolderUnusable,
    ManifestRefused,
    NotOffered,
    SourceAway,
)
from models.delivery.fetch import Outcome
from models.delivery.landing import INCOMING, landing
from models.delivery.signature import sign
from tests.models.delivery.province import silent

FILE = "new-reader.onnx"


def content(province) -> bytes:
    return (province.mirror / FILE).read_bytes()


def left_in(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != INCOMING)


def parts_in(folder) -> list[str]:
    return [path.name for path in (folder / INCOMING).iterdir()]


def test_weights_come_whole_and_with_their_manifest(province, server):
    result = province.fetch(server.address)
    assert result.outcome is Outcome.FETCHED
    assert result.path.read_bytes() == content(province)
    assert left_in(province.unit) == ["new-reader.manifest.json", FILE]
    assert parts_in(province.unit) == []


def test_what_is_here_is_not_fetched_again(province, server):
    province.fetch(server.address)
    assert province.fetch(server.address).outcome is Outcome.ALREADY_HERE
    assert len(server.ranges_of(FILE)) == 1


def test_fetched_model_is_found_by_the_registry_and_may_be_the_first_choice(province, server):
    province.fetch(server.address)
    registry = open_registry(province.unit, environment={})
    assert registry.choose(ModelTask.EXPRESSION, "new-reader").path == province.unit / FILE


def test_transfer_that_breaks_off_goes_on_where_it_stopped(province, server):
    server.breaks_after = [70_000, 50_000]
    province.fetch(server.address)
    assert (province.unit / FILE).read_bytes() == content(province)
    first, second, third = server.ranges_of(FILE)
    assert first == ""
    assert (second, third) == ("bytes=70000-", "bytes=120000-")


def test_next_call_goes_on_after_the_attempts_are_used_up(province, server):
    server.breaks_after = [90_000, 10, 10]
    with pytest.raises(SourceAway, match=r"new-reader.onnx: .*90020 of \d+ bytes are here: run"):
        province.fetch(server.address)
    assert left_in(province.unit) == [], "nothing that a unit could take for a model"
    province.fetch(server.address)
    assert server.ranges_of(FILE)[-1] == "bytes=90020-"
    assert (province.unit / FILE).read_bytes() == content(province)


def test_server_without_ranges_starts_anew(province, server):
    server.knows_ranges = False
    server.breaks_after = [90_000]
    province.fetch(server.address)
    assert (province.unit / FILE).read_bytes() == content(province)


def test_server_that_does_not_say_the_length_is_understood(province, server):
    server.says_length = False
    server.breaks_after = [90_000]
    province.fetch(server.address)
    assert (province.unit / FILE).read_bytes() == content(province)


def test_short_outage_passes(province, server):
    server.statuses = [503, 429]
    assert province.fetch(server.address).outcome is Outcome.FETCHED


def test_part_of_other_content_is_not_gone_on_with(province, server):
    server.breaks_after = [90_000, 10, 10]
    with pytest.raises(SourceAway):
        province.fetch(server.address)
    province.publish(province.model(seed=8))
    province.fetch(server.address)
    assert server.ranges_of(FILE)[-1] == ""
    assert (province.unit / FILE).read_bytes() == content(province)


def test_altered_weights_are_refused_and_not_kept(province, server):
    spoilt = bytearray(content(province))
    spoilt[-1] ^= 1
    (province.mirror / FILE).write_bytes(spoilt)
    with pytest.raises(ContentRefused, match=r"new-reader.onnx from http.*SHA-256 starts with"):
        province.fetch(server.address)
    assert left_in(province.unit) == parts_in(province.unit) == []


@pytest.mark.parametrize("change", [lambda c: c[:-5], lambda c: c + b"more"], ids=["cut", "longer"])
def test_weights_of_another_size_are_refused_at_once(province, server, change):
    (province.mirror / FILE).write_bytes(change(content(province)))
    with pytest.raises(ContentRefused, match=r"has \d+ bytes instead of \d+: it is cut off or"):
        province.fetch(server.address)
    assert len(server.ranges_of(FILE)) == 1
    assert left_in(province.unit) == parts_in(province.unit) == []


def test_endless_answer_is_cut(province, server):
    server.says_length = False
    (province.mirror / FILE).write_bytes(content(province) + b"more")
    with pytest.raises(ContentRefused, match="sends more than the"):
        province.fetch(server.address)
    assert parts_in(province.unit) == []


def test_weights_that_are_gone_from_the_mirror_are_one_line(province, server):
    (province.mirror / FILE).unlink()
    with pytest.raises(NotOffered, match=rf"{FILE} answers 404 Not Found: it is not offered"):
        province.fetch(server.address)


def test_unknown_name_lists_what_is_offered(province, server):
    with pytest.raises(NotOffered, match=rf"{INDEX_FILE} does not offer x; it offers new-reader"):
        province.fetch(server.address, "x")


def test_mirror_that_is_away_is_one_line(province):
    with pytest.raises(SourceAway, match=r"does not answer \(.*refused\): check address"):
        province.fetch("http://127.0.0.1:9")


@pytest.mark.parametrize("address", ["ftp://server/models", "http://", "http://a b/"])
def test_what_is_no_address_is_one_line(province, address):
    with pytest.raises((NotOffered, SourceAway)) as caught:
        province.fetch(address)
    assert "\n" not in str(caught.value)


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
    assert not province.unit.exists()


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
    assert status.condition is Condition.USABLE
    assert vouched_by(result.path).read_text().split()[1] == FILE


def test_full_disk_is_told_before_anything_is_sent(province, server, monkeypatch):
    monkeypatch.setattr(landing_module, "SPARED_BYTES", 1 << 60)
    with pytest.raises(FolderUnusable, match=rf"{FILE} needs \d+ bytes more .* free some space"):
        province.fetch(server.address)
    assert left_in(province.unit) == parts_in(province.unit) == []


def test_folder_that_cannot_be_made_is_one_line(province, server):
    province.unit.write_text("a file")
    with pytest.raises(FolderUnusable, match="name another one with --models"):
        province.fetch(server.address)


def test_two_fetches_do_not_write_into_one_folder(province, server):
    with landing(province.unit), pytest.raises(FolderUnusable, match="another process is bringing"):
        province.fetch(server.address)


def test_unreadable_manifest_beside_weights_does_not_hide_the_others(province, server):
    province.fetch(server.address)
    (province.unit / "broken.manifest.toml").write_text("name = 3")
    with structlog.testing.capture_logs() as events:
        registry = open_registry(province.unit, environment={})
    assert [event["event"] for event in events] == ["manifest_unusable"]
    assert registry.find("new-reader")


def test_progress_ends_with_the_whole_file(province, server):
    told = []
    province.fetcher(server.address).fetch("new-reader", lambda *at: told.append(at))
    size = len(content(province))
    assert told[-1] == (size, size)
    assert silent(0, None) is None
