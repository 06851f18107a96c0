"""Documents as CSV for spreadsheets: the stamp, then one block a table. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from contract.texts import Texts, texts
from server.reports.document import (
    Cell,
    CellKind,
    Column,
    Document,
    Figure,
    Interval,
    Missing,
    Table,
)
from server.reports.stamps import stamp_of

_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it spreadsheets read Vietnamese as another alphabet."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With what a spreadsheet takes a text for a formula (OWASP, CSV injection)."""

_WITH_ENDS = (CellKind.INTERVAL, CellKind.RANKS)


def write_csv(document: Document) -> bytes:
    """Return the document as CSV (RFC 4180) in UTF-8; figures are plain, shares 0 to 1.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    said = texts("server.reports", document.language)
    out = io.StringIO()
    out.write(_BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    for row in _rows(document, said):
        writer.writerow([safe(each) for each in row])
    return out.getvalue().encode()


def safe(value: str | float | Decimal) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return str(value)
    return "'" + value if value.startswith(_FORMULA) else value


def _rows(document: Document, said: Texts) -> Iterator[Sequence[str | float | Decimal]]:
    stamp = stamp_of(document)
    yield [document.title]
    yield [document.subtitle]
    yield from ([line.name, line.value] for line in stamp.lines)
    yield [stamp.mark]
    yield from ([note] for note in document.notes)
    for table in document.tables:
        yield []
        yield [table.title]
        yield [title for column in table.columns for title in _titles(column, said)]
        for row in table.rows:
            yield [
                each
                for cell, column in zip(row.cells, table.columns, strict=True)
                for each in _values(cell, column)
            ]
        yield from ([note] for note in _below(table))
    if document.definitions:
        yield []
        yield [said["section.definitions"]]
        yield from ([each.name, each.text, each.version] for each in document.definitions)


def _below(table: Table) -> Iterator[str]:
    if not table.rows:
        yield table.empty
    yield from table.notes


def _titles(column: Column, said: Texts) -> list[str]:
    if column.kind not in _WITH_ENDS:
        return [column.title]
    return [f"{column.title}: {said[f'column.{end}']}" for end in ("low", "high")]


def _values(cell: Cell, column: Column) -> Sequence[str | float | Decimal]:
    if column.kind in _WITH_ENDS:
        return [cell.low, cell.high] if isinstance(cell, Interval) else ["", ""]
    match cell:
        case None | Missing():
            return [""]
        case Figure(value=value):
            return [value]
        case Interval(low=low, high=high):
            return [f"{low}..{high}"]
        case date():
            return [cell.isoformat()]
        case _:
            return [cell]
