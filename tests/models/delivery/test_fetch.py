"""Fetching over a real HTTP server: whole, resumed, refused, made known, withdrawn."""

from __future__ import annotations

import pytest

from contract.mirror import INDEX_FILE
from models.delivery import landing as landing_module
from models.delivery.errors import (
    ContentRefused,
    FolderUnusable,
    NotOffered,
    SourceAway,
)
from models.delivery.fetch import Outcome
from models.delivery.landing import landing
from tests.models.delivery.province import Told, left_in, parts_in

FILE = "new-reader.onnx"


def content(province) -> bytes:
    return (province.mirror / FILE).read_bytes()


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


def test_transfer_that_breaks_off_goes_on_where_it_stopped(province, server):
    server.breaks_after = [70_000, 50_000]
    province.fetch(server.address)
    assert (province.unit / FILE).read_bytes() == content(province)
    first, second, third = server.ranges_of(FILE)
    assert first == ""
    assert (second, third) == ("bytes=70000-", "bytes=120000-")


def test_next_call_goes_on_after_the_attempts_are_used_up(province, server):
    server.breaks_after = [90_000, 10, 10, 10, 10]
    with pytest.raises(SourceAway, match=r"new-reader.onnx: .*90040 of \d+ bytes are here: run"):
        province.fetch(server.address)
    assert left_in(province.unit) == [], "nothing that a unit could take for a model"
    province.fetch(server.address)
    assert server.ranges_of(FILE)[-1] == "bytes=90040-"
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
    server.breaks_after = [90_000, 10, 10, 10, 10]
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


def test_progress_ends_with_the_whole_file(province, server):
    told = Told()
    province.fetcher(server.address).fetch("new-reader", told)
    size = len(content(province))
    assert told.shown[-1] == (size, size)
    assert told.texts == [], "whoever answers at once need not be named"


def test_it_says_at_once_why_it_tries_again(province, server):
    server.statuses = [503, 429]
    told = Told()
    province.fetcher(server.address).fetch("new-reader", told)
    place = f"{server.address}/{FILE}"
    assert told.texts == [
        f"{place} answers 503 Service Unavailable; trying again in 0 s",
        f"{place} answers 429 Too Many Requests; trying again in 0 s",
    ]
