"""Fetching over a real HTTP server: whole, or not at all and told in one line."""

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
from tests.models.delivery.province import left_in, parts_in

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
    assert server.asked.count(f"/{FILE}") == 1


def test_transfer_that_breaks_off_leaves_nothing_and_the_next_call_has_it_whole(province, server):
    server.breaks_after = [70_000]
    with pytest.raises(SourceAway, match=rf"{FILE} broke off \(.*\): run the same command again"):
        province.fetch(server.address)
    assert left_in(province.unit) == parts_in(province.unit) == []
    province.fetch(server.address)
    assert (province.unit / FILE).read_bytes() == content(province)


def test_answer_that_ends_early_without_saying_its_length_is_refused(province, server):
    server.says_length = False
    server.breaks_after = [70_000]
    with pytest.raises(ContentRefused, match=r"has 70000 bytes instead of \d+: it is cut off or"):
        province.fetch(server.address)
    assert left_in(province.unit) == parts_in(province.unit) == []
    province.fetch(server.address)
    assert (province.unit / FILE).read_bytes() == content(province)


@pytest.mark.parametrize("status", [503, 429])
def test_server_that_is_busy_says_so(province, server, status):
    server.statuses = [status]
    with pytest.raises(SourceAway, match=rf"{FILE} answers {status} .*: run the same command"):
        province.fetch(server.address)


def test_altered_weights_are_refused_and_not_kept(province, server):
    spoilt = bytearray(content(province))
    spoilt[-1] ^= 1
    (province.mirror / FILE).write_bytes(spoilt)
    with pytest.raises(ContentRefused, match=r"new-reader.onnx from http.*SHA-256 starts with"):
        province.fetch(server.address)
    assert left_in(province.unit) == parts_in(province.unit) == []


def test_shorter_weights_are_refused(province, server):
    (province.mirror / FILE).write_bytes(content(province)[:-5])
    with pytest.raises(ContentRefused, match=r"has \d+ bytes instead of \d+: it is cut off or"):
        province.fetch(server.address)
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
