"""A report as one value: what every format is written from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from contract.texts import Language


class Format(StrEnum):
    """How a report is written."""

    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


class CellKind(StrEnum):
    """How the cells of a column are read; SHARE is 0 to 1, INTERVAL two figures of OF_SHARE or
    plain numbers, MIXED says the kind in each cell.
    """

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    POINTS = "points"
    MINUTES = "minutes"
    DAYS = "days"
    DATE = "date"
    INTERVAL = "interval"
    RANKS = "ranks"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interval:
    """Two ends; of shares 0 to 1, of ranks whole numbers; `kind` where the column does not say."""

    low: float
    high: float
    kind: CellKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure whose kind its column does not say."""

    kind: CellKind
    value: int | float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """There is no figure, and `reason` says why in the document's language."""

    reason: str


Cell = str | int | float | Decimal | date | Interval | Figure | Missing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; `width` is in characters of text.

    `n_in` and `interval_in` name the columns that hold how many cases a figure rests on, and its
    interval of 95 %: in a spreadsheet they stand in the cell's note too.
    """

    id: str
    title: str
    kind: CellKind
    width: int = 10
    n_in: str | None = None
    interval_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row with one cell a column; `key` names it among the table's rows in every language."""

    key: str
    cells: tuple[Cell, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of `id`; `notes` stand below it, `empty` where it has no rows."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    empty: str = ""

    def index(self, column: str) -> int:
        """Return the place of a column; KeyError where there is none."""
        for place, each in enumerate(self.columns):
            if each.id == column:
                return place
        raise KeyError(column)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankBar:
    """A member's range of ranks, the middle marked."""

    label: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RankChart:
    """Ranges of ranks, the best first; `left_out` members stand in the table alone."""

    title: str
    axis: str
    bars: tuple[RankBar, ...]
    members: int
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A member of a funnel; it is named where it lies outside the limits."""

    x: float
    y: float
    label: str
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of limits; a `broken` one is the narrower of two."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    broken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelChart:
    """Observed over expected of each member by how many were expected, between limits."""

    title: str
    x_axis: str
    y_axis: str
    points: tuple[Point, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a figure, method or criterion is."""

    name: str
    text: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A filter or a version with its name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report in one language.

    `cut_off` is the instant up to which what has happened counts: the period's end, for one that is
    a `draft` the time of making. `edition` names the closing that the figures are of; without one
    the period is not closed. It `names_officers` where it tells
    of some by right alone. `layout` is the version of which tables, columns and rows there are.
    `signatures` are the titles of who signs.
    """

    kind: str
    language: Language
    title: str
    subtitle: str
    period: str
    draft: bool
    cut_off: datetime
    filters: tuple[Named, ...]
    versions: tuple[Named, ...]
    tables: tuple[Table, ...]
    rank_charts: tuple[RankChart, ...] = ()
    funnels: tuple[FunnelChart, ...] = ()
    notes: tuple[str, ...] = ()
    definitions: tuple[Definition, ...] = ()
    signatures: tuple[str, ...] = ()
    edition: str | None = None
    layout: int = 1
    names_officers: bool | None = None
