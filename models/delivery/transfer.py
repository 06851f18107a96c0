"""Opens a file at an address or in a folder, from any byte on, and says where it really begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeAlias

import httpx

from models.delivery.errors import NetworkUnusable, NotOffered, SourceAway

CHUNK_BYTES = 1 << 16

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
_TRY_LATER = frozenset({408, 425, 429})
_PROXIES = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a place sends: from byte `start` on, of `total` bytes in all where it says so.

    `start` is 0 where the place cannot begin in the middle.
    """

    start: int
    total: int | None
    chunks: Iterator[bytes]


Opener: TypeAlias = Callable[[int], AbstractContextManager[Piece]]
"""Opens one file from a byte on. Raises NetworkUnusable, NotOffered or SourceAway, later too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One file at its place: what messages call it, and how it is opened."""

    place: str
    open: Opener


def at_address(address: str) -> Located:
    """Return the file at an HTTP address."""
    return Located(place=address, open=partial(open_address, address))


def in_folder(path: Path) -> Located:
    """Return the file at a path."""
    return Located(place=str(path), open=partial(open_file, path))


@contextmanager
def open_address(address: str, offset: int) -> Iterator[Piece]:
    """Yield what `address` sends from byte `offset` on, following redirections."""
    with _client() as client:
        response = _ask(client, address, offset)
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
            response.close()
            response = _ask(client, address, 0)
        try:
            _refuse(response, address)
            yield _piece(response, address)
        finally:
            response.close()


@contextmanager
def open_file(path: Path, offset: int) -> Iterator[Piece]:
    """Yield the content of `path` from byte `offset` on."""
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
        total = path.stat().st_size
        start = offset if offset <= total else 0
        file.seek(start)
        yield Piece(start=start, total=total, chunks=_read(file, path))


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


def _ask(client: httpx.Client, address: str, offset: int) -> httpx.Response:
    # Compressed bytes could neither be counted nor resumed.
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        return client.send(client.build_request("GET", address, headers=headers), stream=True)
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
        raise SourceAway(says)
    raise NotOffered(f"{says}: it is not offered there; check the address, or ask who runs it")


def _piece(response: httpx.Response, address: str) -> Piece:
    chunks = _received(response, address)
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        length = response.headers.get("Content-Length", "")
        return Piece(start=0, total=int(length) if length.isdecimal() else None, chunks=chunks)
    found = _RANGE.match(response.headers.get("Content-Range", ""))
    if not found:
        raise SourceAway(f"{address} sends a part without saying which")
    return Piece(start=int(found[1]), total=int(found[2]), chunks=chunks)


def _received(response: httpx.Response, address: str) -> Iterator[bytes]:
    try:
        yield from response.iter_raw()
    except httpx.HTTPError as error:
        raise SourceAway(f"{address} broke off: {_reason(error)}") from error


def _read(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise SourceAway(f"{path} cannot be read to its end: {error.strerror}") from error


def _reason(error: httpx.HTTPError) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
