"""Tables of figures, written for a terminal or for a Markdown document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from models.lab.evaluation.report import Figure

NONE = "–"
"""What stands where there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A titled table of texts: one heading and any number of rows."""

    title: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_numbers: bool = True

    def as_text(self) -> str:
        """Return it with aligned columns, the first to the left and the others to the right."""
        lines = [self.heading, *self.rows]
        widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
        return "\n".join([self.title, *(_aligned(line, widths) for line in lines)])

    def as_markdown(self) -> str:
        """Return it as a Markdown table, without its title."""
        rule = ["---", *("---:" if self.has_numbers else "---" for _ in self.heading[1:])]
        return "\n".join(f"| {' | '.join(line)} |" for line in [self.heading, rule, *self.rows])


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent."""
    return NONE if value is None else f"{100 * value:.{digits}f} %"


def number(value: float | None, digits: int = 3) -> str:
    """Return a figure with so many digits behind the point."""
    return NONE if value is None else f"{value:.{digits}f}"


def percent_with_interval(figure: Figure) -> str:
    """Return a share as per cent with its interval."""
    if figure.value is None or figure.low is None or figure.high is None:
        return percent(figure.value)
    return f"{percent(figure.value)} ({_between(100 * figure.low, 100 * figure.high, 1)})"


def number_with_interval(figure: Figure) -> str:
    """Return a figure with its interval."""
    if figure.value is None or figure.low is None or figure.high is None:
        return number(figure.value)
    return f"{number(figure.value)} ({_between(figure.low, figure.high, 3)})"


def _between(low: float, high: float, digits: int) -> str:
    joint = "–" if low >= 0 else " to "  # a dash beside a minus is hard to read
    return f"{low:.{digits}f}{joint}{high:.{digits}f}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = line
    cells = [text.rjust(width) for text, width in zip(others, widths[1:], strict=False)]
    return "  ".join(["  " + first.ljust(widths[0]), *cells]).rstrip()
