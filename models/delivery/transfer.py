"""Opens a file at an address or in a folder, and says what is wrong where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx

from models.delivery.errors import NetworkUnusable, NotOffered, SourceAway

CHUNK_BYTES = 1 << 16

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_TRY_LATER = frozenset({408, 425, 429})
_PROXIES = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"


def open_place(place: str) -> AbstractContextManager[Iterator[bytes]]:
    """Open the file at an address or path.

    Raises NetworkUnusable, NotOffered or SourceAway, also while its content is read.
    """
    return open_address(place) if "://" in place else open_file(Path(place))


@contextmanager
def open_address(address: str) -> Iterator[Iterator[bytes]]:
    """Yield what `address` sends, following redirections."""
    with _client() as client:
        response = _ask(client, address)
        try:
            _refuse(response, address)
            yield _received(response, address)
        finally:
            response.close()


@contextmanager
def open_file(path: Path) -> Iterator[Iterator[bytes]]:
    """Yield the content of `path`."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise NotOffered(f"{path} is not there; copy it again") from error
    except (PermissionError, IsADirectoryError) as error:
        raise NotOffered(
            f"{path} cannot be read: {error.strerror}; copy it again so that this user may read it"
        ) from error
    except OSError as error:
        raise SourceAway(f"{path} cannot be read: {error.strerror}") from error
    with file:
        yield _read(file, path)


def _client() -> httpx.Client:
    """Return a client with the proxies and certificates that the environment names."""
    try:
        return httpx.Client(timeout=_TIMEOUT, follow_redirects=True)
    except ImportError as error:
        raise NetworkUnusable(
            f"a SOCKS proxy is set in {_PROXIES}, which is not supported: name an HTTP proxy, or "
            "unset it"
        ) from error
    except OSError as error:
        raise NetworkUnusable(
            f"the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: "
            f"{error.strerror}; correct the variable, or unset it"
        ) from error
    except (httpx.InvalidURL, ValueError) as error:
        # Its text may hold a part of the proxy's password.
        raise NetworkUnusable(
            f"the proxy set in {_PROXIES} is no address such as http://proxy:3128: correct the "
            "variable, or unset it"
        ) from error


def _ask(client: httpx.Client, address: str) -> httpx.Response:
    try:
        return client.send(client.build_request("GET", address), stream=True)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
        # A host's name, a proxy's too, may be found wrong only when it is looked up.
        raise NotOffered(
            f"{address} is no address: {error}; it looks like http://server:8000/api/v1/models, "
            "and that of a proxy, if one is set, like http://proxy:3128"
        ) from error
    except httpx.HTTPError as error:
        raise SourceAway(
            f"{address} does not answer ({_reason(error)}): check address and network"
        ) from error


def _refuse(response: httpx.Response, address: str) -> None:
    if response.is_success:
        return
    says = f"{address} answers {response.status_code} {response.reason_phrase}".rstrip()
    if response.is_server_error or response.status_code in _TRY_LATER:
        raise SourceAway(f"{says}: run the same command again later")
    raise NotOffered(f"{says}: it is not offered there; check the address, or ask who runs it")


def _received(response: httpx.Response, address: str) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes(CHUNK_BYTES)
    except httpx.HTTPError as error:
        raise SourceAway(
            f"{address} broke off ({_reason(error)}): run the same command again"
        ) from error


def _read(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise SourceAway(f"{path} cannot be read to its end: {error.strerror}") from error


def _reason(error: httpx.HTTPError) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
