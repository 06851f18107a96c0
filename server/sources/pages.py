"""Reads a source page by page: a list over HTTP, or a folder of files."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from server.errors import ServerError
from server.sources.mappings import Folder, Http, SourceMapping, find

TIMEOUT_S = 60.0
MOST_PAGES = 100_000
MOST_BYTES = 50_000_000


class SourceFailed(ServerError):
    """A source answers nothing that can be read; it is tried again with the next run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records as the source has them; `name` is the file's, None for a page of a list."""

    items: tuple[Mapping[str, Any], ...]
    name: str | None = None


def read_pages(
    mapping: SourceMapping, cursor: str, client: httpx.Client | None = None
) -> Iterator[Page]:
    """Yield what is newer than `cursor`, page by page; raise SourceFailed where it breaks off."""
    if mapping.http is not None:
        with client or httpx.Client(timeout=TIMEOUT_S, follow_redirects=True) as opened:
            yield from _list(mapping.http, cursor, opened)
    elif mapping.folder is not None:
        yield from _files(mapping.folder, cursor)


def _list(http: Http, cursor: str, client: httpx.Client) -> Iterator[Page]:
    seen: set[bytes] = set()
    for number in range(http.first_page, http.first_page + MOST_PAGES):
        body = _ask(http, client, _query(http, cursor, number))
        digest = hashlib.sha256(body).digest()
        items = _items(_decoded(body), http.items, f"page {number}")
        if not items:
            return
        if digest in seen:
            raise SourceFailed(f"page {number} has come before: see [http] page")
        seen.add(digest)
        yield Page(items=items)
        if http.page is None or (http.page_size and len(items) < http.page_size[1]):
            return
    raise SourceFailed(f"the list has more than {MOST_PAGES:,} pages")


def _query(http: Http, cursor: str, number: int) -> dict[str, str]:
    query = dict(http.parameters)
    if http.since is not None and cursor:
        query[http.since] = _earlier(cursor, http.overlap_minutes)
    if http.page is not None:
        query[http.page] = str(number)
    if http.page_size is not None:
        name, size = http.page_size
        query[name] = str(size)
    return query


def _earlier(cursor: str, minutes: int) -> str:
    """Return a time of change some minutes earlier, written as the source writes it."""
    for pattern in ("%Y%m%d%H%M%S", None):
        try:
            at = (
                datetime.strptime(cursor, pattern)  # noqa: DTZ007 - goes back as it came
                if pattern
                else datetime.fromisoformat(cursor)
            )
        except ValueError:
            continue
        earlier = at - timedelta(minutes=minutes)
        return earlier.strftime(pattern) if pattern else earlier.isoformat()
    return cursor


def _ask(http: Http, client: httpx.Client, query: Mapping[str, str]) -> bytes:
    headers = {"accept": "application/json"}
    if http.token_variable is not None:
        token = os.environ.get(http.token_variable, "")
        if not token:
            raise SourceFailed(f"the environment variable {http.token_variable} is empty")
        headers["authorization"] = f"Bearer {token}"
    try:
        with client.stream("GET", http.url, params=dict(query), headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                raise SourceFailed(f"the source answers with status {answer.status_code}")
            return _body(answer)
    except httpx.HTTPError as error:
        raise SourceFailed(f"the source cannot be reached: {type(error).__name__}") from error


def _body(answer: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise SourceFailed(f"a page has more than {MOST_BYTES:,} bytes: ask for fewer records")
        parts.append(part)
    return b"".join(parts)


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(body)
    except ValueError as error:
        if body.lstrip()[:1] == b"<":
            raise SourceFailed("the source answers a web page: is a sign-on needed?") from None
        raise SourceFailed("the source's answer is no complete JSON") from error


def _items(found: Any, path: str, where: str) -> tuple[Mapping[str, Any], ...]:  # noqa: ANN401 - any JSON value
    items = find(found, path)
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise SourceFailed(f"{where} has no list of records at {path or 'its top'!r}: see items")
    return tuple(items)


def _files(folder: Folder, cursor: str) -> Iterator[Page]:
    if not folder.path.is_dir():
        raise SourceFailed(f"the folder {folder.path} is not there")
    for path in sorted(folder.path.glob(folder.pattern)):
        if path.name <= cursor or not path.is_file():
            continue
        try:
            yield Page(items=_records(path, folder.items), name=path.name)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise SourceFailed(f"{path.name} cannot be read: {type(error).__name__}") from error


def _records(path: Path, items: str) -> tuple[Mapping[str, Any], ...]:
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return tuple(csv.DictReader(lines))
    return _items(_decoded(path.read_bytes()), items, path.name)
