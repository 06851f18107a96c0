"""Fetching from the addresses that the product's manifests name."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace

import msgspec
import pytest

from contract.manifest import ModelDownload
from models.delivery.errors import ContentRefused, NotOffered
from models.delivery.fetch import Outcome
from models.delivery.sources import OFFICIAL
from tests.models.delivery.mirror_server import serving


@pytest.fixture
def authors(province):
    """The authors' own server."""
    model = province.model("theirs")
    with serving(province.weights) as server:
        yield server, model


def offered(authors, **changes):
    """Return the manifest of a model that its authors offer at an address."""
    server, model = authors
    # Read from a file, an address has to be https; a test's server has no certificate.
    download = ModelDownload(address=f"{server.address}/theirs.onnx")
    return msgspec.structs.replace(model.manifest, download=download, **changes)


def test_model_is_fetched_from_its_authors_without_any_key(province, authors):
    manifest = offered(authors)
    result = province.fetch(OFFICIAL, "theirs", product=[manifest], trusted=())
    assert result.outcome is Outcome.FETCHED
    assert result.path.read_bytes() == authors[1].path.read_bytes()


def test_other_content_at_the_address_is_refused(province, authors):
    manifest = offered(authors, sha256="a" * 64)
    with pytest.raises(ContentRefused, match=r"theirs.onnx from http.* instead of aaaaaaaaaaaa"):
        province.fetch(OFFICIAL, "theirs", product=[manifest])
    assert not (province.unit / "theirs.onnx").exists()


def test_git_name_will_do_where_no_sha256_is_published(province, authors):
    name = subprocess.run(
        ["git", "hash-object", str(authors[1].path)], capture_output=True, text=True, check=True
    ).stdout.strip()
    manifest = offered(authors, sha256="", git_blob=name)
    assert province.fetch(OFFICIAL, "theirs", product=[manifest]).outcome is Outcome.FETCHED
    manifest = offered(authors, sha256="", git_blob="b" * 40)
    (province.unit / "theirs.onnx").unlink()
    with pytest.raises(ContentRefused, match="git name starts with"):
        province.fetch(OFFICIAL, "theirs", product=[manifest])


def test_weights_that_nobody_vouches_for_are_kept_but_not_trusted(province, authors):
    manifest = offered(authors, sha256="")
    digest = hashlib.sha256(authors[1].path.read_bytes()).hexdigest()
    with pytest.raises(ContentRefused, match=rf"what came has {digest}. .*until you vouch for it"):
        province.fetch(OFFICIAL, "theirs", product=[manifest])
    (province.unit / "theirs.onnx.sha256").write_text(f"{digest}  theirs.onnx\n")
    result = province.fetch(OFFICIAL, "theirs", product=[manifest])
    assert result.outcome is Outcome.ALREADY_HERE


def test_model_without_an_address_may_be_here_already(province, authors):
    manifest = msgspec.structs.replace(offered(authors), download=None)
    fetcher = replace(province.fetcher(OFFICIAL, product=[manifest]), searched=(province.weights,))
    result = fetcher.fetch("theirs")
    assert (result.outcome, result.path) == (Outcome.ALREADY_HERE, authors[1].path)
    authors[1].path.write_bytes(b"damaged")
    with pytest.raises(NotOffered, match="theirs has no official address"):
        fetcher.fetch("theirs")


def test_model_without_an_address_says_where_else_to_look(province, authors):
    manifest = msgspec.structs.replace(offered(authors), download=None)
    with pytest.raises(NotOffered, match="theirs has no official address: fetch it from your"):
        province.fetch(OFFICIAL, "theirs", product=[manifest])
