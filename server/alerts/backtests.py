"""What a rule would have raised: its looks made one after another over days that are past. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from contract.local_time import LOCAL_TIME
from server.alerts.alerts import Alert, State, Step
from server.alerts.looks import Series, judge_look, look, span
from server.alerts.rules import Rule
from server.periods import Step as Calendars

_NAMES = UUID("b0c9f3a6-6c1c-4d2e-9a55-1d0b8f1f7c11")


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldRaise:
    """An alert that would have been raised: where ("" for the province), on which day, and until
    which; rules about figures of now tell the moments as well.
    """

    unit: str
    raised_on: date
    ended_on: date | None = None
    raised_at: datetime | None = None
    ended_at: datetime | None = None


def look_days(
    rule: Rule, first: date, last: date, holiday: Callable[[date], bool]
) -> Iterator[date]:
    """Yield the days from `first` to `last` on which the rule looks: worked days, or Mondays."""
    day = first
    while day <= last:
        if day.weekday() == 0 if rule.step is Calendars.WEEK else not holiday(day):
            yield day
        day += timedelta(days=1)


def would_raise(
    rule: Rule, series: Series, days: Iterable[date], holiday: Callable[[date], bool]
) -> tuple[WouldRaise, ...]:
    """Return what looks on these days would have raised, as the worker makes them.

    The series has to reach from the first look's baseline on. Nothing comes late in it, so that
    nothing is withdrawn.
    """
    raised: list[WouldRaise] = []
    open_: dict[str | None, int] = {}
    for day in days:
        at = datetime.combine(day, rule.look_at, LOCAL_TIME)
        alerts = [_alert(rule, unit, raised[number]) for unit, number in open_.items()]
        found = look(rule, _seen(rule, series, day), at, holiday)
        for move in judge_look(rule, found, {}, alerts, at):
            if move.step is Step.RAISED:
                open_[move.unit] = len(raised)
                raised.append(WouldRaise(unit=move.unit or "", raised_on=day))
            else:
                number = open_.pop(move.unit)
                raised[number] = replace(raised[number], ended_on=day)
    return tuple(raised)


def _seen(rule: Rule, series: Series, day: date) -> Series:
    """Return what a look on a day sees."""
    first, end = span(rule, day)
    kept = [index for index, each in enumerate(series.days) if first <= each < end]
    return replace(
        series,
        days=tuple(series.days[index] for index in kept),
        value=series.value[:, kept],
        n=series.n[:, kept],
    )


def _alert(rule: Rule, unit: str | None, raised: WouldRaise) -> Alert:
    at = datetime.combine(raised.raised_on, rule.look_at, LOCAL_TIME)
    return Alert(
        id=uuid5(_NAMES, f"{rule.id} {unit}"),
        rule=rule.id,
        unit=unit,
        state=State.RAISED,
        severity=rule.severity,
        raised_at=at,
        changed_at=at,
        subjects=(),
    )
