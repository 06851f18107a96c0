"""One way to read any list page by page: `limit`, `after`, and the next page in `Link`.

The body stays the list itself. The header `Link: </api/v1/units?limit=100&after=…>; rel="next"`
(RFC 8288) is there while more follows; who does not ask for a `limit` gets what the list's bound
allows. A cursor names the last entry of a page, so that entries that come or go meanwhile shift
nothing.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from fastapi import Depends, Query, Request, Response
from starlette.datastructures import MutableHeaders

from server.errors import CursorInvalid

LARGEST = 10_000
"""Entries of a page."""

T = TypeVar("T")
Cursor = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is asked for; `headers` are those of the answer."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    after: Cursor | None = None
    headers: dict[str, str] | MutableHeaders = field(default_factory=dict)

    def bounded(self, usual: int) -> Page:
        """Return the page with `usual` entries where no limit is asked for."""
        return self if self.limit is not None else replace(self, limit=usual)

    @property
    def one_more(self) -> int:
        """How many entries to read, so as to know whether more follow."""
        return (self.limit or LARGEST) + 1

    def of(self, entries: Sequence[T], key: Callable[[T], Cursor]) -> list[T]:
        """Return the page of a list that `key` orders, or of one that begins after the cursor."""
        if self.limit is None and self.after is None:
            return list(entries)
        after = self.after
        left = [each for each in entries if after is None or self._follows(key(each), after)]
        return self.cut(sorted(left, key=key), key)

    def following(self, entries: Sequence[T], key: Callable[[T], Hashable]) -> list[T]:
        """Return the page of a list in any order; raise CursorInvalid where its entry has gone."""
        begin = 0
        if self.after is not None:
            names = [str(key(each)) for each in entries]
            if str(self.after[0]) not in names:
                raise CursorInvalid("the entry that the cursor names is gone; begin anew")
            begin = names.index(str(self.after[0])) + 1
        return self.cut(entries[begin:], lambda each: (str(key(each)),))

    def cut(self, entries: Sequence[T], key: Callable[[T], Cursor]) -> list[T]:
        """Return at most `limit` entries of those after the cursor, and tell where more follow."""
        if self.limit is None or len(entries) <= self.limit:
            return list(entries)
        page = list(entries[: self.limit])
        self.headers["Link"] = f'<{self._address(key(page[-1]))}>; rel="next"'
        return page

    def number(self, otherwise: int) -> int:
        """Return the one number of the cursor; raise CursorInvalid where it holds another thing."""
        if self.after is None:
            return otherwise
        match self.after:
            case (int(number),) if 0 < number < 2**63:
                return number
            case _:
                raise CursorInvalid("the cursor is of another list; begin without one")

    def text(self) -> str:
        """Return the one text of the cursor, "" without one; raise CursorInvalid."""
        match self.after:
            case None:
                return ""
            case (str(text),) if "\x00" not in text:
                return text
            case _:
                raise CursorInvalid("the cursor is of another list; begin without one")

    def _follows(self, key: Cursor, after: Cursor) -> bool:
        try:
            return key > after
        except TypeError as error:
            raise CursorInvalid("the cursor is of another list; begin without one") from error

    def _address(self, cursor: Cursor) -> str:
        kept = [pair for pair in self.query if pair[0] not in ("after", "before")]
        return f"{self.path}?{urlencode([*kept, ('after', written(cursor))])}"


def named(description: str) -> Any:  # noqa: ANN401 - what FastAPI's Query returns
    """Return a parameter that names a unit, procedure or the like."""
    return Query(max_length=63, pattern=r"^[^\x00]*$", description=description)


def written(cursor: Cursor) -> str:
    """Return a cursor as addresses hold it."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def read(text: str) -> Cursor:
    """Return the cursor that an address holds; raise CursorInvalid."""
    try:
        padded = text + "=" * (-len(text) % 4)
        return msgspec.json.decode(urlsafe_b64decode(padded.encode()), type=Cursor)
    except (ValueError, msgspec.MsgspecError) as error:
        raise CursorInvalid(
            f"{text[:80]!r} is no cursor; take `next` of the header Link as it is"
        ) from error


async def asked_page(
    request: Request,
    response: Response,
    limit: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="Entries of a page; without one, all.")
    ] = None,
    after: Annotated[
        str | None,
        Query(max_length=500, description="Where the page begins: from `Link` of the one before."),
    ] = None,
) -> Page:
    """Return the page that a request asks for; raise CursorInvalid."""
    return Page(
        path=request.url.path,
        query=tuple(request.query_params.multi_items()),
        limit=limit,
        after=None if after is None else read(after),
        headers=response.headers,
    )


Paged = Annotated[Page, Depends(asked_page)]
"""The parameter of a route that answers with a list."""
