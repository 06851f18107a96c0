"""Small drawings without axes, as SVG: a trend with its intervals, a day against the usual one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dashboards.push.nodes import Node, node

_WIDTH, _HEIGHT = 100.0, 40.0
_SPARE = 2.0
"""Above and below the curve, so that its stroke is not cut."""

Bounded = tuple[float, float, float]
"""Value, lower and upper bound."""


def trend(points: Sequence[Bounded | None]) -> Node:
    """Return a line with the band of its intervals; it breaks where nothing is known."""
    told = [each for each in points if each is not None]
    if not told:
        return node("svg.trend")
    least, most = min(low for _, low, _ in told), max(high for *_, high in told)
    runs = _runs(points)
    bands = [_closed(run, least, most, len(points)) for run in runs]
    lines = [
        _path([(at, value) for at, (value, _, _) in run], least, most, len(points)) for run in runs
    ]
    return _svg(
        "trend",
        *(node("path.band", d=each) for each in bands),
        *(node("path.line", d=each) for each in lines),
        node("path.last", d=_dot(len(points), points, least, most)),
    )


def day(
    today: Sequence[tuple[float, float]],
    usual: Sequence[tuple[float, float]],
    first: float,
    last: float,
) -> Node:
    """Return two curves of sums by hour of the day, from hour `first` to `last`."""
    most = max((value for _, value in (*today, *usual)), default=0.0) or 1.0
    span = max(last - first, 1.0)

    def path(points: Sequence[tuple[float, float]]) -> str:
        placed = [(_WIDTH * (hour - first) / span, _y(value, 0.0, most)) for hour, value in points]
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)

    return _svg(
        "day",
        node("path.usual", d=path(usual)) if len(usual) > 1 else None,
        node("path.line", d=path(today)) if len(today) > 1 else None,
    )


def _svg(kind: str, *children: Node | None) -> Node:
    return node(
        f"svg.{kind}",
        *children,
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _runs(points: Sequence[Bounded | None]) -> list[list[tuple[int, Bounded]]]:
    """Return the neighbours that are known, with their places."""
    return [
        [(at, each) for at, each in group if each is not None]
        for is_known, group in groupby(enumerate(points), key=lambda item: item[1] is not None)
        if is_known
    ]


def _x(at: float, count: int) -> float:
    return _WIDTH * (at + 0.5) / max(count, 1)


def _y(value: float, least: float, most: float) -> float:
    room = _HEIGHT - 2 * _SPARE
    return _HEIGHT - _SPARE - room * (value - least) / ((most - least) or 1.0)


def _path(points: Sequence[tuple[int, float]], least: float, most: float, count: int) -> str:
    placed = [f"{_x(at, count):.1f} {_y(value, least, most):.1f}" for at, value in points]
    return "M" + "L".join(placed)


def _closed(run: Sequence[tuple[int, Bounded]], least: float, most: float, count: int) -> str:
    there = [(at, low) for at, (_, low, _) in run]
    back = [(at, high) for at, (_, _, high) in reversed(run)]
    return _path([*there, *back], least, most, count) + "Z"


def _dot(count: int, points: Sequence[Bounded | None], least: float, most: float) -> str:
    """Return a stroke of no length, which round caps make a dot, at the last known point."""
    at, (value, _, _) = next(
        (at, each) for at, each in reversed(list(enumerate(points))) if each is not None
    )
    return f"M{_x(at, count):.1f} {_y(value, least, most):.1f}h0"
