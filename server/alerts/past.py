"""Reads what is kept of days that are past, for rules about figures of now to be tried on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.local_time import LOCAL_TIME
from runtime.sql import statements
from server.alerts.figures import DEVICES, QUEUES, DeviceNow, Figures
from server.alerts.histories import (
    Called,
    Came,
    CaseHistory,
    Change,
    DeviceHistory,
    Heard,
    QueueHistory,
    Seen,
    Served,
)
from server.alerts.signals import NEAR_DAYS, Asked
from server.calendars.calendars import Calendar
from server.calendars.store import DEFAULT, Calendars
from server.dossiers.states import SOON_DAYS

_SQL = statements("server.alerts", "past.sql")

_TALLIES = frozenset({"dossiers_due_soon", "complaints_near_deadline"})

KEPT = QUEUES.keys() | DEVICES - {"clock_offset"} | _TALLIES
"""Sources of which the past is kept. Of clocks, jobs and the server's own machine it is not."""

_STEPS: Mapping[frozenset[str], timedelta] = MappingProxyType(
    {
        frozenset(QUEUES) | DEVICES: timedelta(seconds=60),
        _TALLIES: timedelta(seconds=120),
    }
)
"""From one moment to the next: a condition of which nothing is seen for longer begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A dossier or complaint with the time from which it is late."""

    unit: str
    received_at: datetime
    ended_at: datetime | None
    due_at: datetime | None


def step_of(sources: Collection[str]) -> timedelta:
    """Return how far the moments at which these sources are looked at lie apart."""
    return min(step for group, step in _STEPS.items() if group & set(sources))


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Of which units a moment is looked at again, and whether with what came in time alone."""

    units: tuple[str, ...]
    at: datetime
    timely: bool


class Past:
    """Figures of the days of a span, loaded one day after the other, or `around` one moment."""

    def __init__(
        self,
        connection: AsyncConnection,
        sources: Collection[str],
        step: timedelta,
        around: Around | None = None,
    ) -> None:
        self._connection, self._sources, self._step = connection, frozenset(sources), step
        self._of: dict[str, Any] = {"units": None, "timely": False, "known_at": None}
        self._dossiers, self._complaints = "dossiers", "complaints"
        if around is not None:
            self._dossiers, self._complaints = "dossiers_known", "complaints_known"
            self._of = {
                "units": list(around.units), "timely": around.timely, "known_at": around.at
            }  # fmt: skip
        self._queues: QueueHistory | None = None
        self._devices: DeviceHistory | None = None
        self._tallies: list[CaseHistory] = []

    async def bound(self, left_s: float) -> None:
        """Let no statement take longer than what is left of the time."""
        await self._connection.execute(_SQL["bound"], {"ms": str(max(int(1000 * left_s), 1))})

    async def begin(self, begin: datetime, end: datetime, calendars: Calendars) -> None:
        """Read what spans the days."""
        span = self._of | {"begin": begin, "end": end}
        if self._sources & DEVICES:
            known = await self._rows(DeviceNow, "devices_before", span)
            self._devices = DeviceHistory(known)
        if "dossiers_due_soon" in self._sources:
            cases = await self._rows(_Case, self._dossiers, span)
            changes = _changes_of_dossiers(cases, calendars)
            self._tallies.append(CaseHistory("dossiers_due_soon", changes, share=True))
        if "complaints_near_deadline" in self._sources:
            cases = await self._rows(_Case, self._complaints, span)
            changes = _changes_of_complaints(cases, calendars.by_id[DEFAULT], begin, end)
            self._tallies.append(CaseHistory("complaints_near_deadline", changes, share=False))

    async def load(self, begin: datetime, end: datetime) -> bool:
        """Read a day from its first moment to its last; return whether anything is kept of it."""
        span = self._of | {"begin": begin, "end": end, "step": self._step}
        known = bool(self._tallies)
        if self._sources & QUEUES.keys():
            known |= await self._load_queues(span)
        if self._devices is not None:
            known |= await self._load_devices(self._devices, span)
        return known

    def figures(self, asked: Asked, units: Collection[str]) -> Figures:
        """Return the figures of a moment in these units; moments come in order."""
        found: Figures = {name: [] for name in self._sources}
        if self._queues is not None:
            found |= self._queues.figures(asked.now, units)
        if self._devices is not None:
            found |= self._devices.figures(asked.now, units, asked.opened_s)
        for tally in self._tallies:
            found |= tally.figures(asked.now, units)
        return found

    async def _load_queues(self, span: Mapping[str, Any]) -> bool:
        seen = await self._rows(Seen, "queues_seen", span)
        cursor = await self._connection.execute(_SQL["served"], span)
        rows = await cursor.fetchall()
        served = [
            Served(at=at, unit=unit, counter=counter, service_s=took_s, complete=complete)
            for _, at, unit, counter, took_s, complete in rows
        ]
        came: list[Came] = []
        if not seen:
            waits = await (await self._connection.execute(_SQL["waited"], span)).fetchall()
            came += [each for row in waits for each in _came(*row, waiting=1)]
            visits = [row[:4] for row in rows if row[1] > span["begin"]]
            came += [each for row in visits for each in _came(*row, served=1)]
        called = await self._rows(Called, "called", span)
        wanted = self._sources & QUEUES.keys()
        self._queues = QueueHistory(seen, came, served, called, wanted)
        return bool(seen or came)

    async def _load_devices(self, devices: DeviceHistory, span: Mapping[str, Any]) -> bool:
        heard = await self._rows(Heard, "devices_seen", span)
        cursor = await self._connection.execute(_SQL["devices_said"], span)
        async for at, unit, counter, device, camera, depth, free_mb in cursor:
            said = DeviceNow(
                unit=unit,
                counter=counter,
                device=device,
                last_seen=at,
                health_at=at,
                camera=camera,
                outbox_depth=depth,
                disk_free_mb=free_mb,
            )
            heard.append(Heard(at=at, unit=unit, counter=counter, device=device, said=said))
        devices.feed(heard)
        return bool(heard)

    async def _rows(self, kind: type[Any], statement: str, of: Mapping[str, Any]) -> list[Any]:
        cursor = self._connection.cursor(row_factory=class_row(kind))
        return await (await cursor.execute(_SQL[statement], of)).fetchall()


def _came(
    began_at: datetime,
    ended_at: datetime,
    unit: str,
    counter: str,
    *,
    waiting: int = 0,
    served: int = 0,
) -> Iterator[Came]:
    yield Came(at=began_at, unit=unit, counter=counter, waiting=waiting, served=served)
    yield Came(at=ended_at, unit=unit, counter=counter, waiting=-waiting, served=-served)


def _changes_of_dossiers(cases: Sequence[_Case], calendars: Calendars) -> Iterator[Change]:
    for case in cases:
        counted_from = None
        if case.due_at is not None:
            due_on = case.due_at.astimezone(LOCAL_TIME).date()
            soon_on = calendars.of(case.unit).shift(due_on, -SOON_DAYS)
            counted_from = datetime.combine(soon_on, time.min, LOCAL_TIME)
        yield from _changes(case, counted_from, case.due_at)


def _changes_of_complaints(
    cases: Sequence[_Case], calendar: Calendar, begin: datetime, end: datetime
) -> Iterator[Change]:
    days = [begin.astimezone(LOCAL_TIME).date()]
    while days[-1] <= end.astimezone(LOCAL_TIME).date():
        days.append(days[-1] + timedelta(days=1))
    until = [(calendar.closing(calendar.shift(day, NEAR_DAYS)), day) for day in days]
    for case in cases:
        due_at = case.due_at
        near_on = (
            None if due_at is None else next((day for last, day in until if due_at < last), None)
        )
        near_from = None if near_on is None else datetime.combine(near_on, time.min, LOCAL_TIME)
        yield from _changes(case, near_from, None)


def _changes(
    case: _Case, counted_from: datetime | None, counted_to: datetime | None
) -> Iterator[Change]:
    """Yield how a case comes and goes, and how it begins and ends to be counted."""
    yield Change(at=case.received_at, unit=case.unit, cases=1, counted=0)
    if case.ended_at is not None:
        yield Change(at=case.ended_at, unit=case.unit, cases=-1, counted=0)
    if counted_from is None:
        return
    begins_at = max(case.received_at, counted_from)
    after = None if counted_to is None else counted_to + timedelta(microseconds=1)
    ends_at = min((each for each in (case.ended_at, after) if each is not None), default=None)
    if ends_at is not None and ends_at <= begins_at:
        return
    yield Change(at=begins_at, unit=case.unit, cases=0, counted=1)
    if ends_at is not None:
        yield Change(at=ends_at, unit=case.unit, cases=0, counted=-1)
