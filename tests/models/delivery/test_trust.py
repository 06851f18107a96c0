"""An old index that is put back, by whoever sits between server and unit, changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.mirror import INDEX_FILE, decode_index, decode_signed
from models.delivery.errors import FolderUnusable, IndexRefused
from models.delivery.publish import publish
from models.delivery.signature import public_text
from tests.models.delivery.province import left_in

NEWER = "newer-reader"


@pytest.fixture
def old_index(province, server):
    """The first index, of `new-reader` alone; another one offers `newer-reader` since."""
    kept = (province.mirror / INDEX_FILE).read_bytes()
    province.publish(province.model(), province.model(NEWER))
    return kept


def put_back(province, index: bytes) -> None:
    (province.mirror / INDEX_FILE).write_bytes(index)


def published_at(index: bytes) -> datetime:
    return decode_index(decode_signed(index, "here").index, "here").published_at


def test_replayed_older_index_is_refused_and_removes_no_newer_model(province, server, old_index):
    province.fetch(server.address, NEWER)
    put_back(province, old_index)
    with pytest.raises(IndexRefused, match=r"an old index was put back, and nothing of it was use"):
        province.fetcher(server.address)
    assert left_in(province.unit) == [f"{NEWER}.manifest.json", f"{NEWER}.onnx"]


def test_same_index_is_trusted_again(province, server):
    province.fetcher(server.address)
    assert province.fetcher(server.address).source.names() == ("new-reader",)


def test_index_that_withdraws_is_newer_and_trusted(province, server):
    province.fetch(server.address)
    province.publish()
    assert [r.name for r in province.fetcher(server.address).withdraw()] == ["new-reader"]


def test_old_index_on_a_stick_is_refused_too(province, server, old_index, tmp_path):
    province.fetcher(server.address)
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / INDEX_FILE).write_bytes(old_index)
    with pytest.raises(IndexRefused, match="an old index"):
        province.fetcher(tmp_path / "stick")


def test_while_a_key_is_replaced_the_old_ones_last_index_does_not_come_back(
    province, server, old_index
):
    other = Ed25519PrivateKey.generate()
    publish([province.model(NEWER)], province.mirror, other, now=datetime.now(UTC))
    both = (province.public_key, public_text(other))
    province.fetcher(server.address, trusted=both)
    put_back(province, old_index)
    with pytest.raises(IndexRefused, match="an old index"):
        province.fetcher(server.address, trusted=both)


def test_another_publisher_is_not_held_to_this_ones_times(province, server, tmp_path):
    province.fetcher(server.address)
    other, folder = Ed25519PrivateKey.generate(), tmp_path / "elsewhere"
    publish([province.model(NEWER)], folder, other, now=datetime.now(UTC) - timedelta(days=9))
    fetcher = province.fetcher(folder, trusted=[public_text(other)])
    assert fetcher.source.names() == (NEWER,)


def test_each_index_is_newer_than_the_last_although_the_clock_goes_back(province):
    late = datetime.now(UTC) + timedelta(days=400)
    publish([], province.mirror, province.key, now=late)
    publish([], province.mirror, province.key, now=datetime.now(UTC))
    assert published_at((province.mirror / INDEX_FILE).read_bytes()) > late


def test_spoilt_memory_is_begun_anew(province, server, old_index):
    province.fetcher(server.address)
    (province.unit / ".incoming" / "trusted.json").write_text("{")
    province.fetcher(server.address)
    put_back(province, old_index)
    with pytest.raises(IndexRefused, match="an old index"):
        province.fetcher(server.address)


def test_folder_that_cannot_keep_it_is_one_line(province, server):
    province.unit.write_text("a file")
    with pytest.raises(FolderUnusable, match="name another one with --models"):
        province.fetcher(server.address)
