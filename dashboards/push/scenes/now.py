"""The place as it is now: satisfaction, who waits, visits, dossiers, needs, devices."""

from __future__ import annotations

from collections.abc import Iterator

from contract.readings import Reading
from dashboards.look import formats
from dashboards.look.figures import describe, reason, sample
from dashboards.look.formats import weekday
from dashboards.look.texts import tell
from dashboards.push.drawings import trend
from dashboards.push.nodes import Node, node
from dashboards.push.questions import (
    ALERTS,
    CATALOGUE,
    OUTLOOK,
    SAME_WEEKDAY,
    TODAY,
    WEEKS,
    Question,
    same_weekday,
)
from dashboards.push.scenes.words import cause_in_words, place_in_words
from dashboards.push.sight import Sight, known, whole
from dashboards.push.tiles import LIVE_EVERY_S, Tile, brief, count, figure, large, missing, note

_DEVICES = {
    "all": "tile.devices_all",
    "some": "tile.devices_some",
    "none": "tile.devices_none",
}
_DOSSIERS = ("dossiers_received", "dossiers_done", "dossiers_on_time", "dossiers_overdue")


def asks(_: Sight) -> tuple[Question, ...]:
    """Return what the scene asks for."""
    return (CATALOGUE, ALERTS, TODAY, SAME_WEEKDAY, WEEKS, OUTLOOK)


def draw(sight: Sight) -> tuple[Tile, ...]:
    """Return the scene's tiles."""
    heard = sight.heard_at()
    today = sight.found(TODAY)
    return (
        Tile(
            name="satisfied",
            title=tell("tile.satisfied_today"),
            at=heard,
            every_s=LIVE_EVERY_S,
            body=(
                *_satisfied(sight),
                node("p.note", _week_ago(sight, "share_satisfied")),
                *_weeks(sight),
            ),
        ),
        Tile(
            name="waiting",
            title=tell("tile.waiting"),
            at=sight.live("people_waiting").observed_at,
            every_s=(_fresh_for_s(sight) or 2 * LIVE_EVERY_S) / 2,
            body=figure(sight.definition("people_waiting"), sight.live("people_waiting")),
        ),
        _longest(sight),
        Tile(
            name="visits",
            title=tell("tile.visits"),
            at=heard,
            every_s=LIVE_EVERY_S,
            body=(
                *figure(sight.definition("visits"), sight.live("visits")),
                node("p.note", _week_ago(sight, "visits")),
            ),
        ),
        devices_tile(sight),
        Tile(
            name="dossiers",
            title=tell("tile.dossiers_today"),
            at=today.at,
            every_s=TODAY.every_s,
            body=tuple(_dossiers(sight)),
        ),
        _needs(sight),
    )


def _satisfied(sight: Sight) -> tuple[Node, ...]:
    """Return the share with its interval and the n that it rests on."""
    definition, reading = sight.definition("share_satisfied"), sight.live("share_satisfied")
    if definition is None or reason(reading) is not None:
        return figure(definition, reading)
    shown, *_ = figure(definition, reading, ".giant")
    bounds, n = describe(definition, reading).note, sample(reading)
    return (shown, note(bounds) if bounds == n else note(bounds, n))


def devices_tile(sight: Sight) -> Tile:
    """Return how many devices are heard of all that are known."""
    reading = sight.live("devices_online")
    said = figure(sight.definition("devices_online"), reading)
    parts = reading.parts or {}
    if reason(reading) is None and "known" in parts:
        away = parts["known"] - parts.get("online", 0.0)
        state = "all" if away <= 0 else "none" if away >= parts["known"] else "some"
        heard = f"{formats.number(parts['known'] - away)}/{formats.number(parts['known'])}"
        said = (
            large(formats.Quantity(figure=heard), f".is-{state}"),
            note(tell(_DEVICES[state], count=formats.number(away))),
        )
    return Tile(
        name="devices",
        title=tell("tile.devices"),
        at=sight.heard_at(),
        every_s=LIVE_EVERY_S,
        body=said,
    )


def _fresh_for_s(sight: Sight) -> float | None:
    definition = sight.definition("people_waiting")
    return None if definition is None else definition.fresh_for_s


def _week_ago(sight: Sight, kpi: str) -> str:
    """Return what the same weekday of last week was in whole: today is compared with its like."""
    reading = whole(sight.found(SAME_WEEKDAY), kpi)
    day = same_weekday(sight.now)
    return tell(
        "tile.week_ago",
        day=f"{weekday(day.isoweekday()).text} {day:%d/%m}",
        figure=brief(sight.definition(kpi), reading),
    )


def _weeks(sight: Sight) -> Iterator[Node]:
    readings = [each for found in sight.found(WEEKS).readings.values() for each in found]
    points = [_bounded(each) for each in readings]
    values = [each[0] for each in points if each is not None]
    if not values:
        return
    yield trend(points)
    yield note(
        tell(
            "tile.weeks",
            count=len(points),
            low=formats.share(min(values)),
            high=formats.share(max(values)),
        )
    )


def _bounded(reading: Reading) -> tuple[float, float, float] | None:
    value = reading.value
    if reason(reading) is not None or value is None:
        return None
    low, high = reading.low, reading.high
    return value, value if low is None else low, value if high is None else high


def _longest(sight: Sight) -> Tile:
    """Return the longest expected wait of all units, and where it is."""
    found = sight.found(OUTLOOK)
    within = {place.scope for place in sight.units}
    waits = known(
        each[0]
        for (scope, kpi), each in found.readings.items()
        if kpi == "expected_wait" and scope in within
    )
    if waits:
        longest = max(waits, key=lambda each: each.value or 0.0)
        body: tuple[Node, ...] = (
            large(formats.duration(longest.value or 0.0)),
            node("p.note", sight.name(longest.scope)),
        )
    else:
        body = missing()
    return Tile(
        name="longest",
        title=tell("tile.longest_wait"),
        at=found.at,
        every_s=OUTLOOK.every_s,
        body=body,
    )


def _dossiers(sight: Sight) -> Iterator[Node]:
    found = sight.found(TODAY)
    for kpi in _DOSSIERS:
        definition, reading = sight.definition(kpi), whole(found, kpi)
        said = None if definition is None or reading is None else describe(definition, reading)
        shown = large(said.quantity) if said is not None and said.quantity else missing()[0]
        yield node("div.one", node("h3", tell(f"tile.{kpi}")), shown)


def _needs(sight: Sight) -> Tile:
    """Return how many units need help, and the gravest of them."""
    found = sight.found(ALERTS)
    if found.value is None:
        return Tile(
            name="needs",
            title=tell("tile.needs"),
            at=found.at,
            every_s=ALERTS.every_s,
            body=missing(),
        )
    grave = any(need.pins for need in sight.needs)
    body: tuple[Node, ...] = (large(count(len(sight.needs)), ".is-none" if grave else ""),)
    if sight.needs:
        first = sight.needs[0]
        body += (note(f"{place_in_words(sight, first)}: {cause_in_words(first)}"),)
    else:
        body += (note(tell("tile.no_needs")),)
    return Tile(
        name="needs", title=tell("tile.needs"), at=found.at, every_s=ALERTS.every_s, body=body
    )
