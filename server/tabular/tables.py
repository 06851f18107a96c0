"""A table as any file gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from server.tabular.records import Column, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file that is open: the titles, the columns by place, and the rows that hold anything.

    `share_read` says how much of the file has been read, 0..1. `notices` are for the person who
    started the import.
    """

    titles: tuple[str, ...]
    places: tuple[tuple[Column, int], ...]
    notices: tuple[str, ...]
    rows: Iterator[Row]
    share_read: Callable[[], float]
