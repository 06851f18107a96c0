"""Writes a cell as people read it: 1.234,5 and 31/10/2026 in Vietnamese. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import assert_never

from contract.local_time import LOCAL_TIME
from contract.texts import Language
from server.reports.document import Cell, CellKind, Figure, Interval, Missing

PERCENT = "\N{NO-BREAK SPACE}%"
_PLACES = {
    CellKind.COUNT: 0,
    CellKind.SHARE: 2,
    CellKind.NUMBER: 2,
    CellKind.POINTS: 2,
    CellKind.MINUTES: 1,
    CellKind.DAYS: 1,
    CellKind.RANKS: 0,
    CellKind.INTERVAL: 2,
}
"""Decimal places as they are printed; of a share, of its percentage, as the law has it."""


def write_cell(cell: Cell, kind: CellKind, language: Language) -> str:
    """Return the cell as text; an en dash where there is nothing."""
    match cell:
        case None:
            return "–"
        case Missing(reason=reason):
            return reason
        case Figure(kind=own, value=value):
            return write_cell(value, own, language)
        case str():
            return cell
        case date():
            return f"{cell:%d/%m/%Y}"
        case Interval():
            return _interval(cell, cell.kind or kind, language)
        case int() | float() | Decimal():
            return _number(cell, kind, language)
        case _:
            assert_never(cell)


def write_instant(at: datetime) -> str:
    """Return an instant in local time to the minute."""
    return f"{at.astimezone(LOCAL_TIME):%H:%M %d/%m/%Y}"


def write_number(value: float | Decimal, places: int, language: Language) -> str:
    """Return a number, halves rounded up as in commerce."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}".replace("-", "−")
    return text if language is Language.EN else text.translate(str.maketrans(",.", ".,"))


def _interval(cell: Interval, kind: CellKind, language: Language) -> str:
    ends = [Decimal(repr(end)) for end in (cell.low, cell.high)]
    per_cent = kind is CellKind.INTERVAL
    if kind is CellKind.RANKS and cell.low == cell.high:
        return write_number(ends[0], _PLACES[kind], language)
    told = [write_number(100 * end if per_cent else end, _PLACES[kind], language) for end in ends]
    # A dash before a minus sign cannot be read.
    return (" … " if cell.low < 0 else "–").join(told) + (PERCENT if per_cent else "")


def _number(value: float | Decimal, kind: CellKind, language: Language) -> str:
    places = _PLACES[kind]
    if kind is CellKind.SHARE:
        return write_number(100 * Decimal(str(value)), places, language) + PERCENT
    return write_number(value, places, language)
