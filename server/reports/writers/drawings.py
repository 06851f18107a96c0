"""Charts as lines, dots and words at places in millimetres, the top left corner first. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contract.texts import Language
from server.reports.document import FunnelChart, Line, Point, RankChart
from server.reports.figures import write_number

WIDTH_MM = 170.0
"""Of the text on a page of A4."""

_TALLEST_MM = 222.0
_BAR_MM = (2.1, 6.0)
_LABELS_MM = 62.0
_LETTER_MM_A_PT = 0.185
"""The mean width of a letter for each point of type size."""

_FUNNEL_MM = (150.0, 92.0)
_MOST_NAMED = 12
_TICKS = 6
_HIGHEST_RATIO = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line through points; `style` is axis, grid, range, narrow or wide."""

    points: tuple[tuple[float, float], ...]
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A filled circle; `marked` stands out."""

    x: float
    y: float
    radius: float
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A text at a point, which is its `anchor`: left, centre or right; upright ones are turned."""

    x: float
    y: float
    text: str
    size_pt: float
    anchor: str = "left"
    upright: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart with its title; `note` stands below it."""

    title: str
    width: float
    height: float
    strokes: tuple[Stroke, ...]
    dots: tuple[Dot, ...]
    words: tuple[Word, ...]
    note: str = ""


@dataclass(slots=True)
class _Ink:
    strokes: list[Stroke] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def line(self, style: str, *points: tuple[float, float]) -> None:
        self.strokes.append(Stroke(points=tuple(_at(*point) for point in points), style=style))


def draw_ranks(chart: RankChart) -> Drawing:
    """Return a bar for each member's range of ranks with a dot at the median."""
    ink, top = _Ink(), 6.0
    least, most = _BAR_MM
    step = min(most, max(least, _TALLEST_MM / max(1, len(chart.bars))))
    size = min(8.0, step * 2.3)
    left, right = _LABELS_MM, WIDTH_MM - 4
    bottom = top + step * len(chart.bars)
    letters = int((_LABELS_MM - 2) / (size * _LETTER_MM_A_PT))

    def across(rank: float) -> float:
        return left + (rank - 1) / max(1, chart.members - 1) * (right - left)

    for tick in _whole_ticks(1, chart.members):
        x = across(tick)
        ink.line("grid", (x, top), (x, bottom))
        for y in (top - 2.5, bottom + 2.5):
            ink.words.append(Word(x=x, y=y, text=str(tick), size_pt=7, anchor="centre"))
    for index, bar in enumerate(chart.bars):
        y = top + step * (index + 0.5)
        ink.line("range", (across(bar.low), y), (across(bar.high), y))
        ink.dots.append(Dot(x=across(bar.middle), y=y, radius=min(0.9, step / 3.4)))
        label = squeezed(bar.label, letters)
        ink.words.append(Word(x=left - 3, y=y, text=label, size_pt=size, anchor="right"))
    ink.words.append(
        Word(x=(left + right) / 2, y=bottom + 6.5, text=chart.axis, size_pt=7.5, anchor="centre")
    )
    return Drawing(
        title=chart.title, width=WIDTH_MM, height=bottom + 9, strokes=tuple(ink.strokes),
        dots=tuple(ink.dots), words=tuple(ink.words), note=chart.left_out,
    )  # fmt: skip


def draw_funnel(chart: FunnelChart, language: Language) -> Drawing:
    """Return the members between their limits, expected failures on a logarithmic axis."""
    ink = _Ink()
    width, height = _FUNNEL_MM
    left, top = 16.0, 3.0
    xs = [point.x for point in chart.points] + [x for line in chart.lines for x in line.xs]
    low, high = math.log(max(min(xs), 1e-6)), math.log(max(*xs, 1e-6))
    ceiling = max(2.0, *(1.08 * point.y for point in chart.points))
    ceiling = max(ceiling, min(_HIGHEST_RATIO, max(y for line in chart.lines for y in line.ys)))

    def across(x: float) -> float:
        return left + (math.log(max(x, 1e-6)) - low) / max(high - low, 1e-9) * width

    def down(y: float) -> float:
        return top + (1 - y / ceiling) * height

    for tick in _ticks(ceiling):
        ink.line("grid", (left, down(tick)), (left + width, down(tick)))
        text = write_number(tick, 1, language)
        ink.words.append(Word(x=left - 2, y=down(tick), text=text, size_pt=7, anchor="right"))
    for tick in _powers(math.exp(low), math.exp(high)):
        ink.line("grid", (across(tick), top), (across(tick), top + height))
        text = write_number(tick, 0 if tick >= 1 else 1, language)
        y = top + height + 3
        ink.words.append(Word(x=across(tick), y=y, text=text, size_pt=7, anchor="centre"))
    ink.line("axis", (left, down(1)), (left + width, down(1)))
    for line in chart.lines:
        kept = [(across(x), down(y)) for x, y in zip(line.xs, line.ys, strict=True) if y <= ceiling]
        if len(kept) > 1:
            ink.line("narrow" if line.broken else "wide", *kept)
    for point in chart.points:
        ink.dots.append(Dot(x=across(point.x), y=down(point.y), radius=0.8, marked=point.outside))
    ink.words += _names([(point, across(point.x), down(point.y)) for point in chart.points])
    bottom = top + height
    ink.words += [
        Word(x=left + width / 2, y=bottom + 7, text=chart.x_axis, size_pt=7.5, anchor="centre"),
        Word(
            x=3, y=top + height / 2, text=chart.y_axis, size_pt=7.5, anchor="centre", upright=True
        ),
        *_legend(chart.lines, ink, left, bottom + 12),
    ]
    return Drawing(
        title=chart.title, width=WIDTH_MM, height=bottom + 15, strokes=tuple(ink.strokes),
        dots=tuple(ink.dots), words=tuple(ink.words),
    )  # fmt: skip


def shortened(text: str, letters: int) -> str:
    """Return a text of at most so many letters, an ellipsis for what is cut off."""
    return text if len(text) <= letters else text[: max(1, letters - 1)].rstrip() + "…"


def squeezed(text: str, letters: int) -> str:
    """Return a text of at most so many letters that keeps its end, which tells counters apart."""
    if len(text) <= letters:
        return text
    kept = letters // 3
    return f"{text[: letters - kept - 1].rstrip()}…{text[-kept:].lstrip()}"


def _names(points: Sequence[tuple[Point, float, float]]) -> Iterable[Word]:
    """Yield the names of those outside the limits, the farthest first, none over another."""
    outside = [each for each in points if each[0].outside]
    outside.sort(key=lambda each: -abs(math.log(max(each[0].y, 0.01))))
    taken: list[tuple[float, float, float]] = []
    for point, x, y in outside[:_MOST_NAMED]:
        text = shortened(point.label, 30)
        reach = len(text) * 6.5 * _LETTER_MM_A_PT
        on_left = x + reach > WIDTH_MM - 2
        start = x - reach - 1.6 if on_left else x + 1.6
        clear = all(
            abs(y - other) > 3 or start > end or start + reach < begin
            for begin, end, other in taken
        )
        if clear:
            taken.append((start, start + reach, y))
            anchor = "right" if on_left else "left"
            place = x - 1.6 if on_left else x + 1.6
            yield Word(x=place, y=y, text=text, size_pt=6.5, anchor=anchor)


def _legend(lines: Sequence[Line], ink: _Ink, left: float, y: float) -> list[Word]:
    words, x = [], left
    for name, broken in dict.fromkeys((line.name, line.broken) for line in lines):
        ink.line("narrow" if broken else "wide", (x, y), (x + 8, y))
        words.append(Word(x=x + 10, y=y, text=name, size_pt=7.5))
        x += 45
    return words


def _whole_ticks(first: int, last: int) -> list[int]:
    step = max(1, _nice((last - first) / _TICKS))
    inner = range(first - 1 + step, last - step // 2, step)
    return sorted({first, *(int(each) for each in inner if each > first), last})


def _nice(raw: float) -> int:
    if raw <= 1:
        return 1
    scale = 10 ** math.floor(math.log10(raw))
    return int(next(each * scale for each in (1, 2, 5, 10) if each * scale >= raw))


def _ticks(ceiling: float) -> list[float]:
    step = 0.5 if ceiling <= 4 else float(_nice(ceiling / _TICKS))
    return [step * each for each in range(int(ceiling / step) + 1)]


def _powers(low: float, high: float) -> list[float]:
    found = [
        factor * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for factor in (1, 2, 5)
    ]
    return [each for each in found if low <= each <= high]


def _at(x: float, y: float) -> tuple[float, float]:
    return round(x, 3), round(y, 3)
