"""What walls ask the API for besides the live stream, and how often each is asked again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

from contract.local_time import LOCAL_TIME
from contract.readings import Reading
from dashboards.api.rankings import Ranking
from dashboards.api.rest import Answer, Readings, RestClient
from dashboards.api.views import Key

Asked: TypeAlias = Callable[[RestClient, str, datetime], Awaitable[Answer[Any]]]
"""Asks for a scope at a time."""

_TREND = timedelta(weeks=12)
_USUAL = timedelta(days=28)
"""Four of each weekday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; its name says it, and what is known of it stands under that name."""

    name: str
    every_s: float
    ask: Asked = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The newest answer to a question: when it was computed, and readings by scope and KPI.

    With `refused` the API does not tell it to whoever looks.
    """

    at: datetime | None = None
    value: Any = None
    readings: Mapping[Key, tuple[Reading, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    refused: bool = False

    def reading(self, scope: str, kpi: str) -> Reading | None:
        """Return the reading of `kpi` in `scope`, None if there is none."""
        return next(iter(self.readings.get((scope, kpi), ())), None)


NOTHING = Found()


def found(answer: Answer[Any]) -> Found:
    """Return an answer with its readings in order."""
    readings: dict[Key, list[Reading]] = {}
    at = answer.at
    if isinstance(answer.value, Readings):
        at = answer.value.computed_at
        for reading in answer.value.readings:
            readings.setdefault((reading.scope, reading.kpi), []).append(reading)
    told = {key: tuple(each) for key, each in readings.items()}
    return Found(at=at, value=answer.value, readings=told)


def _day(now: datetime) -> date:
    return now.astimezone(LOCAL_TIME).date()


def _today(now: datetime) -> str:
    return _day(now).isoformat()


def _month(now: datetime) -> str:
    return f"{_day(now):%Y-%m}"


def month_before(now: datetime) -> str:
    """Return the month before the running one, as the API names it."""
    return f"{_day(now).replace(day=1) - timedelta(days=1):%Y-%m}"


def same_weekday(now: datetime) -> date:
    """Return the same weekday a week ago."""
    return _day(now) - timedelta(days=7)


def _usual(now: datetime) -> str:
    return f"{_day(now) - _USUAL}..{_day(now) - timedelta(days=1)}"


def _weeks(now: datetime) -> str:
    this_week = _day(now) - timedelta(days=_day(now).weekday())
    return f"{this_week - _TREND}..{_day(now)}"


def _now(_: datetime) -> str:
    return ""


def _readings(
    *kpis: str, period: Callable[[datetime], str], by: tuple[str, ...] = (), scope: str = ""
) -> Asked:
    """Return what asks for readings of the wall's scope, or of `scope`."""

    async def ask(api: RestClient, of: str, now: datetime) -> Answer[Readings]:
        return await api.readings(kpis=kpis, scope=scope or of, period=period(now), by=by)

    return ask


def _ranking(period: Callable[[datetime], str]) -> Asked:
    async def ask(api: RestClient, _: str, now: datetime) -> Answer[Ranking]:
        return await api.ranking(kpi="share_satisfied", period=period(now))

    return ask


async def _units(api: RestClient, _: str, __: datetime) -> Answer[Any]:
    return await api.units()


async def _catalogue(api: RestClient, _: str, __: datetime) -> Answer[Any]:
    return await api.catalogue()


async def _alerts(api: RestClient, of: str, _: datetime) -> Answer[Any]:
    return await api.alerts(scope=of)


ALERTS = Question(name="alerts", every_s=2, ask=_alerts)
"""A critical one is on the wall within seconds of being raised."""
CATALOGUE = Question(name="catalogue", every_s=600, ask=_catalogue)
UNITS = Question(name="units", every_s=600, ask=_units)
TODAY = Question(
    name="today",
    every_s=30,
    ask=_readings(
        "dossiers_received",
        "dossiers_done",
        "dossiers_on_time",
        "dossiers_overdue",
        period=_today,
    ),
)
SAME_WEEKDAY = Question(
    name="same_weekday",
    every_s=1800,
    ask=_readings(
        "visits",
        "share_satisfied",
        "dossiers_received",
        "dossiers_done",
        period=lambda now: same_weekday(now).isoformat(),
    ),
)
WEEKS = Question(
    name="weeks",
    every_s=1800,
    ask=_readings("share_satisfied", period=_weeks, by=("week",)),
)
OUTLOOK = Question(
    name="outlook",
    every_s=15,
    ask=_readings("expected_wait", "open_counters", period=_now, by=("unit",)),
)
DUE = Question(name="due", every_s=60, ask=_readings("dossiers_due_soon", period=_now))
MONTH = Question(
    name="month",
    every_s=120,
    ask=_readings(
        "dossiers_on_time",
        "complaints_received",
        "complaints_open",
        "complaints_overdue",
        period=_month,
    ),
)
MONTH_BY_UNIT = Question(
    name="month_by_unit",
    every_s=300,
    ask=_readings("dossiers_on_time", period=_month, by=("unit",)),
)
HOURS = Question(
    name="hours", every_s=60, ask=_readings("received_by_hour", "done_by_hour", period=_today)
)
USUAL_HOURS = Question(
    name="usual_hours",
    every_s=3600,
    ask=_readings("received_by_hour", "done_by_hour", period=_usual, by=("day",)),
)
RANKING = Question(name="ranking", every_s=600, ask=_ranking(_month))
RANKING_BEFORE = Question(name="ranking_before", every_s=3600, ask=_ranking(month_before))
QUALITY = Question(
    name="quality",
    every_s=60,
    ask=_readings(
        "device_hours",
        "camera_hours",
        "late_messages",
        "quarantined_messages",
        "count_agreement",
        period=_today,
    ),
)


def of_counters(scope: str) -> Question:
    """Return the question for the counters of one unit."""
    kpis = ("people_waiting", "expected_wait", "visits", "ratings", "share_satisfied")
    return Question(
        name=f"counters of {scope}",
        every_s=10,
        ask=_readings(*kpis, period=_now, by=("counter",), scope=scope),
    )


def by_unit(kpi: str, *, now: bool) -> Question:
    """Return the question for one KPI of every unit, now or of this month."""
    asked = _readings(kpi, period=_now if now else _month, by=("unit",))
    return Question(name=f"{kpi} by unit", every_s=15 if now else 300, ask=asked)
