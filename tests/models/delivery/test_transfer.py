"""Opening an address or a path: each cause of failure is told in words, and none as a traceback."""

from __future__ import annotations

import sys

import pytest

from models.delivery.errors import NetworkUnusable, NotOffered
from models.delivery.transfer import open_address, open_file

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def refused(address: str, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught, open_address(address):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_socks_proxy_says_that_none_is_supported(monkeypatch):
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert "name an HTTP proxy, or unset it" in refused("http://server/", NetworkUnusable)


@pytest.mark.parametrize("proxy", ["foo:bar", "ftp://proxy", "http://user:secret@proxy:bar"])
def test_proxy_that_is_no_address_is_told_without_its_password(monkeypatch, proxy):
    monkeypatch.setenv("https_proxy", proxy)
    says = refused("http://server/", NetworkUnusable)
    assert "is no address such as http://proxy:3128" in says
    assert "secret" not in says


@pytest.mark.parametrize("content", [None, b"no certificate"], ids=["missing", "spoilt"])
def test_certificates_that_cannot_be_read_are_told(monkeypatch, tmp_path, content):
    path = tmp_path / "certificates.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    says = refused("https://server/", NetworkUnusable)
    assert "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: " in says


@pytest.mark.parametrize("address", ["http://a..b/", "http://xn--/", f"http://{'a' * 70}/"])
def test_host_that_cannot_be_is_told(address):
    assert f"{address} is no address: " in refused(address, NotOffered)


def test_file_that_is_no_file_is_not_waited_for(tmp_path):
    with (
        pytest.raises(NotOffered, match="cannot be read: Is a directory; copy it again"),
        open_file(tmp_path),
    ):
        pass
