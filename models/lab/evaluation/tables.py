"""Tables of figures, written for a terminal or for a Markdown document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeAlias, TypeVar

from models.lab.evaluation.report import Figure

NONE = "–"
"""What stands where there is no figure."""

_Of = TypeVar("_Of")

Columns: TypeAlias = Mapping[str, Callable[[_Of], str]]
"""A column's heading, and what it shows of a row's value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A titled table of texts: one heading and any number of rows."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_text(self) -> str:
        """Return it with aligned columns, the first to the left and the others to the right."""
        lines = [self.heading, *self.rows]
        widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
        return "\n".join([self.title, *(_aligned(line, widths) for line in lines)])

    def as_markdown(self) -> str:
        """Return it as a Markdown table, without its title."""
        rule = ["---", *("---:" for _ in self.heading[1:])]
        return "\n".join(f"| {' | '.join(line)} |" for line in [self.heading, rule, *self.rows])


def table(
    title: str, rows: Iterable[tuple[str, _Of]], columns: Columns[_Of], *, first: str = "model"
) -> Table:
    """Return a table with the name of each row in its first column."""
    return Table(
        title=title,
        heading=(first, *columns),
        rows=tuple((name, *(show(value) for show in columns.values())) for name, value in rows),
    )


def percent(value: Figure | float | None, digits: int = 1) -> str:
    """Return a share as per cent, with its interval where it has one."""
    return _shown(value, lambda share: f"{100 * share:.{digits}f}", unit=" %")


def number(value: Figure | float | None, digits: int = 3) -> str:
    """Return a figure with so many digits behind the point, and its interval where it has one."""
    return _shown(value, lambda figure: f"{figure:.{digits}f}")


def _shown(value: Figure | float | None, show: Callable[[float], str], unit: str = "") -> str:
    figure = value if isinstance(value, Figure) else Figure(value=value)
    if figure.value is None:
        return NONE
    text = f"{show(figure.value)}{unit}"
    if figure.low is None or figure.high is None:
        return text
    joint = "–" if figure.low >= 0 else " to "  # a dash beside a minus is hard to read
    return f"{text} ({show(figure.low)}{joint}{show(figure.high)})"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = line
    cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=False)]
    return "  ".join(["  " + first.ljust(widths[0]), *cells]).rstrip()
