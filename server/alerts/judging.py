"""From figures of now to steps: thresholds with hysteresis, one cause one alert. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.alerts.alerts import Alert, Figure, Move, Step
from server.alerts.rules import Rule

GAP = timedelta(minutes=2)
"""Between two looks at a condition: after a longer gap nobody knows whether it lasted."""

GONE = timedelta(minutes=30)
"""A condition of which nothing is known any more has ended after so long."""

AGAIN_AFTER = timedelta(hours=4)
"""A cause that somebody has closed and that lasts is raised again after so long."""

LEAST_UNITS = 3
"""Fewer units at a time are never the province's own cause."""

Key = tuple[str | None, str]
"""Unit and subject of a condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A condition that holds: since when, when it was last seen to, and its figure."""

    since: datetime
    seen_at: datetime
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What bounds a judgement: the units there are, where it is silenced and by what, and where
    nobody works now.
    """

    units: int
    silenced: Mapping[str | None, str]
    closed: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What follows: steps to take, and the conditions that hold from now on."""

    moves: tuple[Move, ...]
    held: Mapping[Key, Held]


def judge(
    rule: Rule,
    figures: Iterable[Figure],
    held: Mapping[Key, Held],
    alerts: Sequence[Alert],
    place: Place,
    now: datetime,
) -> Judgement:
    """Return what a rule asks for; `alerts` are open or closed a short while ago."""
    holding = _holding(rule, figures, held, place, now)
    lasting = {
        key: each
        for key, each in holding.items()
        if (now - each.since).total_seconds() >= rule.hold_s
    }
    causes = _causes(rule, lasting, alerts, place)
    moves = [
        *_begun(rule, causes, alerts, place, now),
        *_ended(rule, causes, alerts, place, holding),
    ]
    return Judgement(moves=tuple(moves), held=holding)


def _holding(
    rule: Rule, figures: Iterable[Figure], held: Mapping[Key, Held], place: Place, now: datetime
) -> dict[Key, Held]:
    """Return the conditions that hold. What is not known keeps its state for a while."""
    holding: dict[Key, Held] = {}
    for figure in figures:
        key = (figure.unit, figure.subject)
        before = held.get(key)
        if rule.only_open and figure.unit in place.closed:
            continue
        if figure.value is None or (now - figure.at).total_seconds() > rule.fresh_for_s:
            if before is not None and now - before.seen_at <= GONE:
                holding[key] = before
        elif figure.n >= rule.least_n and rule.beyond(figure.value, firing=before is not None):
            lasted = before is not None and now - before.seen_at <= GAP
            since = before.since if before is not None and lasted else now
            holding[key] = Held(since=since, seen_at=now, figure=figure)
    return holding


_Causes = dict[str | None, dict[str, Held]]
"""By unit, None for the province: the conditions by subject, for the province by unit."""


def _causes(
    rule: Rule, lasting: Mapping[Key, Held], alerts: Sequence[Alert], place: Place
) -> _Causes:
    """Return one cause a unit, or one of the province where so many units show it."""
    causes: _Causes = defaultdict(dict)
    for (unit, subject), each in lasting.items():
        causes[unit][subject] = each
    if rule.group_share is None:
        return causes
    units = [unit for unit in causes if unit is not None]
    grouped = any(alert.unit is None and alert.state.is_open for alert in alerts)
    # Hysteresis as well: a half that comes and goes is one cause until it is a quarter.
    needed = place.units * rule.group_share * (0.5 if grouped else 1.0)
    if len(units) >= max(LEAST_UNITS, needed):
        together = {unit: _worst(rule, causes[unit].values()) for unit in units}
        return {None: together}
    return causes


def _begun(
    rule: Rule, causes: _Causes, alerts: Sequence[Alert], place: Place, now: datetime
) -> Iterable[Move]:
    latest = _latest(alerts)
    for unit, subjects in causes.items():
        if _silencer(place, unit) is not None:
            continue
        alert = latest.get(unit)
        move = Move(
            step=Step.RAISED,
            rule=rule.id,
            unit=unit,
            subjects=tuple(sorted(filter(None, subjects))),
            figure=_worst(rule, subjects.values()).figure,
        )
        if alert is None:
            yield move
        elif alert.state.is_open:
            if not set(move.subjects) <= set(alert.subjects):
                grown = tuple(sorted({*alert.subjects, *move.subjects}))
                yield replace(move, step=Step.CHANGED, alert=alert.id, subjects=grown)
        elif (again := _again(rule, alert, subjects.values(), now)) is not None:
            yield replace(move, step=again, alert=alert.id if again is Step.RAISED_AGAIN else None)


def _again(rule: Rule, alert: Alert, held: Iterable[Held], now: datetime) -> Step | None:
    """Return how a cause whose last alert is closed is raised, None while it stays closed."""
    closed_at = alert.resolved_at or alert.changed_at
    if alert.closed_by_people and min(each.since for each in held) <= closed_at:
        return Step.RAISED_AGAIN if now - closed_at >= AGAIN_AFTER else None
    soon = (now - closed_at).total_seconds() <= rule.again_within_s
    return Step.RAISED_AGAIN if soon and alert.state.value == "resolved" else Step.RAISED


def _ended(
    rule: Rule,
    causes: _Causes,
    alerts: Sequence[Alert],
    place: Place,
    holding: Mapping[Key, Held],
) -> Iterable[Move]:
    for alert in alerts:
        if not alert.state.is_open:
            continue
        move = Move(step=Step.ENDED, rule=rule.id, unit=alert.unit, alert=alert.id)
        if (silencer := _silencer(place, alert.unit)) is not None:
            yield replace(move, step=Step.MERGED, note=silencer)
        elif alert.unit is not None and None in causes and rule.group_share is not None:
            yield replace(move, step=Step.MERGED, note=rule.id)
        elif alert.unit not in causes and not any(unit == alert.unit for unit, _ in holding):
            yield move


def _silencer(place: Place, unit: str | None) -> str | None:
    return place.silenced.get(unit) or place.silenced.get(None)


def _latest(alerts: Sequence[Alert]) -> dict[str | None, Alert]:
    """Return the alert of each unit that counts: the open one, else the one closed last."""
    found: dict[str | None, Alert] = {}
    for alert in sorted(alerts, key=lambda each: (each.state.is_open, each.changed_at)):
        found[alert.unit] = alert
    return found


def _worst(rule: Rule, held: Iterable[Held]) -> Held:
    def badness(each: Held) -> float:
        value = None if each.figure is None else each.figure.value
        return float("-inf") if value is None else value * rule.side.sign

    return max(held, key=badness)
