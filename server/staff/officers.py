"""Officers and their posts as the administration gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from server.tabular.records import Entry
from server.tabular.refusals import Refusal, Rejection, refuse

ROOM = "server.staff"
CODE = r"[A-Z0-9][A-Z0-9._-]*"
"""What scopes can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRecord:
    """An officer in a unit, from the day `valid_from` until the day before `valid_to`.

    An officer may have several posts, a row each. None leaves what is stored as it is; for a new
    post, days that are None mean always.
    """

    code: str
    name: str
    unit: str
    position: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


PostEntry = Entry[PostRecord]


def check(post: PostRecord) -> Refusal | None:
    """Return what is wrong with a post that can be seen without any other."""
    if post.valid_from and post.valid_to and post.valid_from >= post.valid_to:
        return refuse("ends_before", room=ROOM, column="valid_to", first=post.valid_from)
    return None


def other_names(entries: Iterable[PostEntry]) -> Iterator[Rejection]:
    """Yield the entries that give a code another name than an earlier entry does."""
    first: dict[str, PostEntry] = {}
    for entry in entries:
        known = first.setdefault(entry.record.code, entry)
        if known.record.name != entry.record.name:
            refusal = refuse("other_name", room=ROOM, column="name", line=known.row.line)
            yield entry.reject(refusal, entry.record.name)
