"""Reads the points around the moment of an alert: what whoever asks may see of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from runtime.sql import statements
from server.access.principals import Reach
from server.alerts.alerts import Alert
from server.alerts.baselines import Usual, usual_hours, usual_range
from server.alerts.rules import Rule
from server.calendars.store import read_calendars
from server.errors import NotFound
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.readings.readings import Question
from server.readings.store import read_readings
from server.scopes import Scope

_SQL = statements("server.alerts", "points.sql")

_AROUND: Mapping[str, str] = MappingProxyType(
    {
        "expected_wait": "queue",
        "people_waiting": "queue",
        "nobody_served": "queue",
        "device_silence": "heard",
        "outbox_depth": "outbox",
    }
)
"""What is shown around the moment for figures of now."""

_BEFORE = timedelta(hours=2)
_AFTER = timedelta(hours=1)
_DAYS_BEFORE = timedelta(weeks=5)
_WEEKS_BEFORE = timedelta(weeks=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A figure at a time, or of the day or week that begins then; `value` is left out where it is
    withheld.
    """

    at: datetime
    value: float | None
    n: int


async def read_points(
    connection: AsyncConnection, alert: Alert, rule: Rule, now: datetime, seen: Reach
) -> tuple[Point, ...]:
    """Return the points around an alert, oldest first; none of the province's or a unit that left.

    Those of days and weeks are readings, withheld as every other reading is.
    """
    if alert.unit is None:
        return ()
    if rule.is_live:
        return await _around(connection, alert, rule)
    try:
        return await _closed(connection, alert, rule, now, seen)
    except NotFound:
        return ()


async def _around(connection: AsyncConnection, alert: Alert, rule: Rule) -> tuple[Point, ...]:
    statement = _AROUND.get(rule.source)
    if statement is None:
        return ()
    bounds = {"start": alert.raised_at - _BEFORE, "end": alert.raised_at + _AFTER}
    cursor = await connection.execute(_SQL[statement], {"unit": alert.unit} | bounds)
    return tuple(Point(at=at, value=float(value), n=1) for at, value in await cursor.fetchall())


async def _closed(
    connection: AsyncConnection, alert: Alert, rule: Rule, now: datetime, seen: Reach
) -> tuple[Point, ...]:
    assert alert.unit is not None
    on = alert.raised_at.astimezone(LOCAL_TIME).date()
    before = _DAYS_BEFORE if rule.step is Step.DAY else _WEEKS_BEFORE
    first = Period.of(rule.step, on - before).first or on
    last = min(on + timedelta(days=7), now.astimezone(LOCAL_TIME).date())
    question = Question(
        kpis=(BY_ID[rule.source],),
        scope=Scope.subtree(alert.unit),
        period=Period.range(first, last),
        step=rule.step,
    )
    readings = await read_readings(connection, question, now, seen)
    return tuple(
        Point(at=_midnight(begun), value=reading.value, n=reading.n)
        for reading in readings
        if (begun := Period.parse(reading.period, now).first) is not None
    )


def shown_around(rule: Rule) -> str:
    """Return what the points show: a statement's name for figures of now, else the KPI's id."""
    return _AROUND.get(rule.source, rule.source)


async def read_usual(connection: AsyncConnection, alert: Alert, rule: Rule) -> Usual | None:
    """Return the queue's range at this weekday and hour, for rules that look at queues."""
    if alert.unit is None or _AROUND.get(rule.source) != "queue":
        return None
    local = alert.raised_at.astimezone(LOCAL_TIME)
    hours = usual_hours(local.date(), local.hour)
    rows = await (
        await connection.execute(_SQL["usual_queue"], {"unit": alert.unit, "hours": hours})
    ).fetchall()
    calendar = (await read_calendars(connection)).of(alert.unit)
    return usual_range(
        ((begun.astimezone(LOCAL_TIME).date(), float(queue)) for begun, queue in rows),
        lambda day: not calendar.is_worked(day),
    )


async def read_given_up(connection: AsyncConnection, alerts: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many messages about each alert were given up."""
    of = {"alerts": list(alerts)}
    return dict(await (await connection.execute(_SQL["given_up"], of)).fetchall())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_TIME)
