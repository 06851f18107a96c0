"""Compares the figures of an issued report with those that it would tell now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.reports.canonical import CELL_DIGITS, cell_digest, key_digest, row_digest
from server.reports.document import CellKind, Document, Row, Table
from server.reports.store import Issue

_MOST_NAMED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """How figures differ from those of the issue; `rows` names the first rows that do. Of those
    that are `reworded` a text alone is another one.

    Where the layout is another one since (`layout_changed`), only what both have is compared: the
    figures, not the words, of the columns and rows of both. `compared` says of how many rows that
    is, of `issued`; a row that one of both has alone is no restatement then.
    """

    changed: int
    added: int
    gone: int
    rows: tuple[str, ...]
    reworded: int = 0
    layout_changed: bool = False
    compared: int = 0
    issued: int = 0

    @property
    def any(self) -> bool:
        """Whether a figure differs."""
        return bool(self.changed or self.added or self.gone)


@dataclass(slots=True)
class _Counted:
    changed: int = 0
    added: int = 0
    gone: int = 0
    reworded: int = 0
    compared: int = 0


def differences(document: Document, issue: Issue) -> Restated:
    """Return how the figures of a document differ from those that were issued."""
    tables = {table.id: table for table in document.tables}
    was = issue.row_digests
    alike = issue.layout == document.layout and all(
        id_ not in tables or was[id_]["columns"] == _columns(tables[id_]) for id_ in was
    )
    if issue.layout == 0:
        return _by_rows(tables, was)
    found, named = _Counted(), list[str]()
    for id_ in sorted({*tables, *was}):
        rows = {key_digest(row): row for row in tables[id_].rows} if id_ in tables else {}
        former: Mapping[str, str] = was[id_]["rows"] if id_ in was else {}
        found.gone += len(former.keys() - rows.keys())
        for key, row in rows.items():
            if key not in former:
                found.added += 1
                named += [] if not alike else [_told(row, tables[id_])]
                continue
            found.compared += 1
            differing = set(_differing(row, tables[id_], former[key], was[id_]["columns"]))
            if differing - {CellKind.TEXT}:
                found.changed += 1
                named.append(_told(row, tables[id_]))
            elif differing:
                found.reworded += 1
    return Restated(
        changed=found.changed,
        added=found.added if alike else 0,
        gone=found.gone if alike else 0,
        rows=tuple(sorted(named)[:_MOST_NAMED]),
        reworded=found.reworded if alike else 0,
        layout_changed=not alike,
        compared=found.compared,
        issued=sum(len(each["rows"]) for each in was.values()),
    )


def _by_rows(tables: Mapping[str, Table], was: Mapping[str, Mapping[str, str]]) -> Restated:
    """Return what is known of a file of which only digests of whole rows are: those that are the
    same are compared; of others nobody can tell the figures from the layout.
    """
    same = sum(
        key_digest(row) in was.get(id_, {}) and row_digest(row) == was[id_][key_digest(row)]
        for id_, table in tables.items()
        for row in table.rows
    )
    return Restated(
        changed=0,
        added=0,
        gone=0,
        rows=(),
        layout_changed=True,
        compared=same,
        issued=sum(map(len, was.values())),
    )


def _differing(row: Row, table: Table, was: str, columns: list[list[str]]) -> Iterator[CellKind]:
    """Yield the kinds of the cells that both have and that differ; a row's number is no figure."""
    former = {
        (id_, kind): was[place * CELL_DIGITS : (place + 1) * CELL_DIGITS]
        for place, (id_, kind) in enumerate(columns)
    }
    for cell, column in zip(row.cells, table.columns, strict=True):
        digest = cell_digest(cell)
        if column.id != "number" and former.get((column.id, column.kind), digest) != digest:
            yield column.kind


def _columns(table: Table) -> list[list[str]]:
    return [[column.id, str(column.kind)] for column in table.columns]


def _told(row: Row, table: Table) -> str:
    """Return a row by its table and its first text."""
    for cell, column in zip(row.cells, table.columns, strict=True):
        if column.kind is CellKind.TEXT and isinstance(cell, str):
            return f"{table.title}: {cell}"
    return f"{table.title}: {row.key}"
