"""Finds the line that names the columns, whatever stands above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.errors import TableUnreadable
from server.tabular.cells import Value, fold, written
from server.tabular.records import Column, Record

SEARCHED_ROWS = 20
"""Titles and signatures above the header are shorter than this."""

OWN = frozenset({"motcualine", "motcuareason", "motcuaremedy"})
"""Columns that our own file of rejected rows adds, folded; they are skipped in silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The row that names the columns: its place, titles, columns by place, and unknown titles."""

    index: int
    titles: tuple[str, ...]
    places: tuple[tuple[Column, int], ...]
    unknown: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns that it names."""
        return frozenset(column.name for column, _ in self.places)

    def lacks(self, record: Record[Any]) -> list[str]:
        """Return the required columns that it does not name."""
        return [
            column.name
            for column in record.columns
            if column.required and column.name not in self.names
        ]


def find_header(rows: Sequence[Sequence[Value]], record: Record[Any]) -> Header | None:
    """Return the row of `rows` that names most columns; None when no row names any."""
    known = record.headers()
    headers = [_header(index, cells, known) for index, cells in enumerate(rows[:SEARCHED_ROWS])]
    best = max(headers, key=lambda header: len(header.names), default=None)
    return best if best is not None and best.places else None


def require_header(header: Header | None, record: Record[Any], what: str) -> Header:
    """Return `header`; raise TableUnreadable where it lacks columns or has one twice."""
    header = header or Header(index=0, titles=(), places=(), unknown=())
    if missing := header.lacks(record):
        required = ", ".join(column.name for column in record.columns if column.required)
        raise TableUnreadable(
            f"{what} lacks the columns {', '.join(missing)}; its first line must name {required} "
            f"(`motcua import {record.kind} --template FILE` writes one)"
        )
    found = [column.name for column, _ in header.places]
    if twice := sorted({name for name in found if found.count(name) > 1}):
        raise TableUnreadable(
            f"{what} has more than one column {', '.join(twice)}; leave one of each"
        )
    return header


def _header(index: int, cells: Sequence[Value], known: Mapping[str, Column]) -> Header:
    titles = tuple(" ".join(written(cell).split()) for cell in cells)
    folded = [fold(title) for title in titles]
    return Header(
        index=index,
        titles=titles,
        places=tuple((known[name], at) for at, name in enumerate(folded) if name in known),
        unknown=tuple(
            title
            for title, name in zip(titles, folded, strict=True)
            if name and name not in known and name not in OWN
        ),
    )
