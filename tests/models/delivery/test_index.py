"""The index of a mirror: what no trusted key signed, or what is not whole, counts for nothing."""

from __future__ import annotations

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.mirror import INDEX_FILE, LARGEST_INDEX_BYTES
from models.delivery.errors import IndexRefused, KeyUnusable, ManifestRefused, NotOffered
from models.delivery.fetch import Outcome
from models.delivery.signature import open_signing_key, public_text, sign, trusted_keys
from tests.models.delivery.province import left_in


@pytest.fixture
def index(province, server):
    """The published index, decoded; `write` replaces it."""
    return msgspec.json.decode((province.mirror / INDEX_FILE).read_bytes())


def write(province, changed: object) -> None:
    (province.mirror / INDEX_FILE).write_bytes(msgspec.json.encode(changed))


def refused(province, server, **how) -> str:
    with pytest.raises(IndexRefused) as caught:
        province.fetcher(server.address, **how)
    assert "\n" not in str(caught.value)
    assert f"{server.address}/{INDEX_FILE}" in str(caught.value)
    return str(caught.value)


def test_altered_index_is_refused(province, server, index):
    altered = index["index"].replace("new-reader", "bad-reader")
    write(province, {**index, "index": altered})
    assert "was altered after it was signed and nothing of it was used" in refused(province, server)


def test_unsigned_index_is_refused(province, server, index):
    write(province, {"index": index["index"]})
    assert "is not signed and nothing of it was used" in refused(province, server)


def test_signature_of_another_key_is_refused_and_the_key_is_named(province, server, index):
    stranger = Ed25519PrivateKey.generate()
    signed = sign(index["index"], stranger)
    write(province, signed)
    assert f"signed with the key {public_text(stranger)}, which is not trusted" in refused(
        province, server
    )


def test_index_that_claims_a_trusted_key_is_still_checked(province, server, index):
    forged = sign(index["index"], Ed25519PrivateKey.generate())
    write(province, {**index, "signature": forged.signature})
    assert "was altered" in refused(province, server)


def test_signature_over_the_text_alone_is_not_one_over_an_index(province, server, index):
    bare = base64.b64encode(province.key.sign(index["index"].encode())).decode()
    write(province, {**index, "signature": bare})
    assert "was altered" in refused(province, server)


@pytest.mark.parametrize("signature", ["no base64!", "AAAA", ""], ids=["text", "short", "empty"])
def test_nonsense_for_a_signature_is_refused(province, server, index, signature):
    write(province, {**index, "signature": signature})
    assert "nothing of it was used" in refused(province, server)


@pytest.mark.parametrize("content", [b"", b"{", b"<html>log in</html>", b"[]", b"\xff"], ids=repr)
def test_what_is_no_index_is_refused(province, server, content):
    (province.mirror / INDEX_FILE).write_bytes(content)
    assert "is no index of models" in refused(province, server)


def test_cut_off_index_is_refused(province, server):
    path = province.mirror / INDEX_FILE
    path.write_bytes(path.read_bytes()[:-40])
    assert "it is cut off, or something else answers there" in refused(province, server)


def test_huge_answer_is_not_read_to_its_end(province, server):
    (province.mirror / INDEX_FILE).write_bytes(b" " * (LARGEST_INDEX_BYTES + 1))
    assert "something else answers there" in refused(province, server)


def test_index_of_a_later_version_says_so(province, server, index):
    write(
        province,
        sign('{"published_at":"2027-01-01T00:00:00Z","models":[],"schema":2}', province.key),
    )
    assert "of version 2, this release reads 1" in refused(province, server)


@pytest.mark.parametrize("file", ["../out.onnx", "/out.onnx", "sub/out.onnx", "index.json", ""])
def test_file_outside_the_mirror_cannot_be_named(province, server, index, file):
    changed = index["index"].replace('"file":"new-reader.onnx"', f'"file":"{file}"')
    write(province, sign(changed, province.key))
    with pytest.raises(
        ManifestRefused, match=r"the entry of new-reader cannot be read: .*\$\.file"
    ):
        province.fetch(server.address)
    assert left_in(province.unit) == []


def test_entry_that_cannot_be_read_hides_no_other_and_withdraws_nothing(province, server):
    province.publish(province.model("good"), province.model("odd"))
    province.fetch(server.address, "odd")
    index = msgspec.json.decode((province.mirror / INDEX_FILE).read_bytes())
    changed = index["index"].replace('"file":"odd.onnx"', '"file":"odd of next year"', 1)
    write(province, sign(changed, province.key))
    fetcher = province.fetcher(server.address)
    assert fetcher.source.names() == ("good", "odd")
    assert fetcher.fetch("good").outcome is Outcome.FETCHED
    assert fetcher.withdraw() == []
    assert (province.unit / "odd.onnx").exists()


def test_entry_without_a_name_spoils_the_index(province, server, index):
    write(province, sign(index["index"].replace('"name":', '"title":', 1), province.key))
    assert "the index is not what it should be" in refused(province, server)


def test_without_a_trusted_key_nothing_is_used(province, server):
    assert "name the server's public key with --key" in refused(province, server, trusted=())


def test_mirror_without_an_index_is_one_line(province, server):
    (province.mirror / INDEX_FILE).unlink()
    with pytest.raises(NotOffered, match=f"{INDEX_FILE} answers 404"):
        province.fetcher(server.address)


def test_second_key_is_trusted_beside_the_first(province, server):
    other = public_text(Ed25519PrivateKey.generate())
    keys = trusted_keys(f"{other}, {province.public_key}")
    assert province.fetcher(server.address, trusted=keys).source.names() == ("new-reader",)


@pytest.mark.parametrize("text", ["short", "x" * 44, "PEM=="])
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(KeyUnusable, match="is no public key"):
        trusted_keys(text)


def test_signing_key_is_made_for_its_owner_alone_and_kept(tmp_path):
    path = tmp_path / "keys" / "models.key"
    key = open_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("models.key.pub").read_text().strip() == public_text(key)
    assert public_text(open_signing_key(path)) == public_text(key)


def test_signing_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "models.key"
    open_signing_key(path)
    path.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        open_signing_key(path)


def test_spoilt_signing_key_is_refused_and_kept(tmp_path):
    path = tmp_path / "models.key"
    path.write_text("nonsense")
    path.chmod(0o600)
    with pytest.raises(KeyUnusable, match="is no private key in PEM"):
        open_signing_key(path)
    assert path.read_text() == "nonsense"
