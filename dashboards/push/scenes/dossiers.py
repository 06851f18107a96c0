"""Dossiers: the day against the usual one, on time by group of units, what is due, complaints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

from contract.local_time import LOCAL_TIME
from contract.readings import Reading
from dashboards.look import formats
from dashboards.look.figures import reason
from dashboards.look.texts import say_if_known, tell
from dashboards.push.drawings import day
from dashboards.push.nodes import Node, node
from dashboards.push.questions import (
    CATALOGUE,
    DUE,
    HOURS,
    MONTH,
    MONTH_BY_UNIT,
    TODAY,
    USUAL_HOURS,
    Question,
)
from dashboards.push.sight import Sight, whole
from dashboards.push.tiles import Tile, brief, count, figure, large, missing, note

_MOST_GROUPS = 4
_EARLIEST, _LATEST = 7, 17
"""Between these hours the day is always drawn; what happens outside them widens it."""

Curve = tuple[tuple[float, float], ...]
"""Sums until each hour of the day."""


def asks(_: Sight) -> tuple[Question, ...]:
    """Return what the scene asks for."""
    return (CATALOGUE, TODAY, DUE, MONTH, MONTH_BY_UNIT, HOURS, USUAL_HOURS)


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the scene's tiles."""
    due, today, month = sight.found(DUE), sight.found(TODAY), sight.found(MONTH)
    return (
        _through_the_day(sight, "received_by_hour", "intake"),
        _through_the_day(sight, "done_by_hour", "results"),
        Tile(
            name="due",
            title=tell("tile.due_soon"),
            at=due.at,
            every_s=DUE.every_s,
            body=figure(sight.definition("dossiers_due_soon"), whole(due, "dossiers_due_soon")),
        ),
        Tile(
            name="overdue",
            title=tell("tile.dossiers_overdue"),
            at=today.at,
            every_s=TODAY.every_s,
            body=figure(sight.definition("dossiers_overdue"), whole(today, "dossiers_overdue")),
        ),
        Tile(
            name="groups",
            title=tell("tile.on_time_groups"),
            at=sight.found(MONTH_BY_UNIT).at,
            every_s=MONTH_BY_UNIT.every_s,
            body=_groups(sight),
        ),
        Tile(
            name="on_time",
            title=tell("tile.on_time_month"),
            at=month.at,
            every_s=MONTH.every_s,
            body=figure(sight.definition("dossiers_on_time"), whole(month, "dossiers_on_time")),
        ),
        _complaints(sight),
    )


def _through_the_day(sight: Sight, kpi: str, name: str) -> Tile:
    found = sight.found(HOURS)
    reading = whole(found, kpi)
    usual = usual_day(
        [
            each
            for (_, id_), days in sight.found(USUAL_HOURS).readings.items()
            if id_ == kpi
            for each in days
        ]
    )
    local = sight.now.astimezone(LOCAL_TIME)
    now_h = local.hour + local.minute / 60
    if reading is None:
        body = missing()
    else:
        curve = sums(reading.parts or {}, until_h=now_h)
        reached = at_hour(usual, now_h)
        hours = [hour for hour, _ in (*curve, *usual)]
        first, last = min([_EARLIEST, *hours]), max([_LATEST, now_h, *hours])
        said = "tile.usual_none" if reached is None else "tile.usual_by_now"
        body = (
            large(count(reading.value or 0.0)),
            note(tell(said, count=formats.number(reached or 0.0))),
            day(curve, usual, first, last),
            node("div.hours", node("span", f"{first:g} h"), node("span", f"{round(last):g} h")),
        )
    return Tile(name=name, title=tell(f"tile.{kpi}"), at=found.at, every_s=HOURS.every_s, body=body)


def sums(by_hour: Mapping[str, float], *, until_h: float) -> Curve:
    """Return the sums at the end of each hour that is over, and now; counts are `{"07": 3}`."""
    counts = {int(hour): n for hour, n in by_hour.items()}
    if not counts:
        return ()
    first = min([*counts, int(until_h)])
    total, points = 0.0, [(float(first), 0.0)]
    for hour in range(first, int(until_h) + 1):
        total += counts.get(hour, 0.0)
        points.append((min(hour + 1.0, until_h), total))
    return tuple(points)


def usual_day(days: Sequence[Reading]) -> Curve:
    """Return the median of the sums at each hour over the days on which anything happened."""
    busy = [each.parts for each in days if each.parts and reason(each) is None]
    if not busy:
        return ()
    curves = [dict(sums(parts, until_h=24.0)) for parts in busy]
    first = min(int(hour) for parts in busy for hour in parts)
    last = max(int(hour) for parts in busy for hour in parts) + 1
    points = [(float(first), 0.0)]
    points += [
        (float(hour), median(curve.get(float(hour), 0.0) for curve in curves))
        for hour in range(first + 1, last + 1)
    ]
    return tuple(points)


def at_hour(curve: Curve, hour: float) -> float | None:
    """Return what a curve has reached at an hour, between two hours in proportion."""
    if not curve:
        return None
    before = [point for point in curve if point[0] <= hour]
    after = [point for point in curve if point[0] > hour]
    if not before:
        return 0.0
    if not after:
        return curve[-1][1]
    (start, low), (end, high) = before[-1], after[0]
    return low + (high - low) * (hour - start) / (end - start)


def _groups(sight: Sight) -> tuple[Node, ...]:
    """Return the share on time of each kind of unit, the one with the most dossiers first."""
    kinds = {place.scope: place.kind for place in sight.units}
    groups: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for (scope, _), (reading, *_) in sight.found(MONTH_BY_UNIT).readings.items():
        if scope in kinds and reading.value is not None and reason(reading) is None:
            groups[kinds[scope]].append((reading.value, reading.n))
    if not groups:
        return missing()
    # A share's n is its denominator: the weighted mean is the share of all of the group.
    shares = sorted(
        ((kind, sum(v * n for v, n in own) / sum(n for _, n in own), sum(n for _, n in own))
         for kind, own in groups.items() if sum(n for _, n in own)),
        key=lambda each: -each[2],
    )  # fmt: skip
    return tuple(
        node(
            "div.bar",
            node("span.name", say_if_known(f"kind.{kind}", kind).text),
            node("span.track", node("i", style=f"width:{100 * value:.1f}%")),
            node("b", str(formats.share(value))),
        )
        for kind, value, _ in shares[:_MOST_GROUPS]
    )


def _complaints(sight: Sight) -> Tile:
    found = sight.found(MONTH)
    still = whole(found, "complaints_open")
    late = brief(sight.definition("complaints_overdue"), whole(found, "complaints_overdue"))
    received = brief(sight.definition("complaints_received"), whole(found, "complaints_received"))
    body = figure(sight.definition("complaints_open"), still)[:1]
    return Tile(
        name="complaints",
        title=tell("tile.complaints_open"),
        at=found.at,
        every_s=MONTH.every_s,
        body=(*body, note(tell("tile.complaints", late=late, received=received))),
    )
