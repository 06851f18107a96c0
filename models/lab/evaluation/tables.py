"""Tables of figures, written for a terminal or for a Markdown document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from operator import attrgetter
from typing import Any, TypeAlias

from models.lab.evaluation.report import Figure

NONE = "–"
"""What stands where there is no figure."""

Column: TypeAlias = tuple[str, Callable[[Any], str]]
"""Which figure of a row's value is shown, as attributes with dots between them, and how."""

Columns: TypeAlias = Mapping[str, Column]
"""Columns by their headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A titled table of texts: one heading and any number of rows."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_text(self) -> str:
        """Return it with aligned columns, the first to the left and the others to the right."""
        first, *others = (
            max(map(len, column)) for column in zip_longest(self.heading, *self.rows, fillvalue="")
        )
        lines = [
            "  ".join([f"  {name:{first}}", *map(str.rjust, cells, others)])
            for name, *cells in (self.heading, *self.rows)
        ]
        return "\n".join([self.title, *map(str.rstrip, lines)])

    def as_markdown(self) -> str:
        """Return it as a Markdown table, without its title."""
        rule = ["---", *("---:" for _ in self.heading[1:])]
        return "\n".join(f"| {' | '.join(line)} |" for line in [self.heading, rule, *self.rows])


def table(
    title: str,
    rows: Iterable[tuple[str, object]],
    columns: Columns,
    *,
    first: str = "model",
) -> Table:
    """Return a table with the name of each row in its first column."""
    return Table(
        title=title,
        heading=(first, *columns),
        rows=tuple((name, *(shown(value, c) for c in columns.values())) for name, value in rows),
    )


def shown(value: object, column: Column) -> str:
    """Return what the column shows of the value."""
    path, show = column
    return show(attrgetter(path)(value))


def percent(value: Figure | float | None, digits: int = 1) -> str:
    """Return a share as per cent, with its interval where it has one."""
    return _written(value, lambda share: f"{100 * share:.{digits}f}", unit=" %")


def number(value: Figure | float | None, digits: int = 3) -> str:
    """Return a figure with so many digits behind the point, and its interval where it has one."""
    return _written(value, lambda figure: f"{figure:.{digits}f}")


def _written(value: Figure | float | None, show: Callable[[float], str], unit: str = "") -> str:
    figure = value if isinstance(value, Figure) else Figure(value=value)
    if figure.value is None:
        return NONE
    text = f"{show(figure.value)}{unit}"
    if figure.low is None or figure.high is None:
        return text
    joint = "–" if figure.low >= 0 else " to "  # a dash beside a minus is hard to read
    return f"{text} ({show(figure.low)}{joint}{show(figure.high)})"
