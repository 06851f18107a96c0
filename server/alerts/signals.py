"""Reads the figures of now that rules look at: of units, of devices, and of the server itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from contract.messages import CameraState
from runtime.sql import statements
from server.alerts.alerts import Figure
from server.alerts.machine import UNKNOWN, Machine
from server.calendars.calendars import Spans
from server.calendars.store import DEFAULT, Calendars
from server.facts.open_dossiers import OPEN_DOSSIERS, OpenTotals
from server.facts.outlook import OUTLOOK, Hall, OutlookTotals
from server.facts.sources import Fact, Selection
from server.facts.store import read_facts
from server.kpi.catalogue import BY_ID
from server.kpi.definition import Moment
from server.periods import NOW
from server.units.units import UnitTree

_SQL = statements("server.alerts", "signals.sql")

HEARD_WITHIN_S = 3_600.0
"""Devices heard in the last hour tell how far behind ingest is; others are merely silent."""

NEAR_DAYS = 2
"""A complaint's deadline is near two working days before it."""

_HIDDEN = frozenset(
    {
        CameraState.BLACK,
        CameraState.COVERED,
        CameraState.MOVED,
        CameraState.FROZEN,
        CameraState.OUT_OF_FOCUS,
        CameraState.OVER_EXPOSED,
    }
)
"""States in which a camera that is there does not see what it should; a missing one is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What figures are read for: the units there are, their hours, now, and what is known of the
    server's own machine.
    """

    tree: UnitTree
    calendars: Calendars
    now: datetime
    machine: Machine = field(default_factory=lambda: UNKNOWN)

    def opened_s(self, unit: str) -> float | None:
        """Return for how long the unit has been open without a pause, None where it is closed."""
        return open_for_s(self.calendars.of(unit).hours(self.day), self.now)

    def judges(self, unit: str) -> bool:
        """Return whether a unit is judged: one of today's tree that is accepted."""
        return unit in self.tree.units and self.tree.counts(unit)

    @property
    def day(self) -> date:
        """The local day."""
        return self.now.astimezone(LOCAL_TIME).date()

    def closed(self) -> frozenset[str]:
        """Return the units that are not open now."""
        return frozenset(unit for unit in self.tree.units if self.opened_s(unit) is None)


def open_for_s(hours: Spans, now: datetime) -> float | None:
    """Return the seconds since the span of `hours` began that holds now, None outside them."""
    local = now.astimezone(LOCAL_TIME)
    for start, end in hours:
        if start <= local.time() < end:
            return (local - datetime.combine(local.date(), start, LOCAL_TIME)).total_seconds()
    return None


Read: TypeAlias = Callable[[AsyncConnection, Asked], Awaitable[dict[str, list[Figure]]]]
"""Reads figures by the source that rules name."""


async def read_signals(
    connection: AsyncConnection, wanted: Iterable[str], asked: Asked
) -> dict[str, list[Figure]]:
    """Return the figures of these sources; a reader that gives several runs once."""
    names = set(wanted)
    found: dict[str, list[Figure]] = {}
    for gives, read in READERS.items():
        if names & gives:
            found |= await read(connection, asked)
    return {name: found.get(name, []) for name in names}


async def _outlook(connection: AsyncConnection, asked: Asked) -> dict[str, list[Figure]]:
    facts: tuple[Fact[OutlookTotals], ...] = await read_facts(
        connection, OUTLOOK, Selection(period=NOW)
    )
    cursor = await connection.execute(_SQL["last_calls"], {"now": asked.now})
    called: dict[str, datetime] = dict(await cursor.fetchall())
    expected, waiting, unserved = [], [], []
    kpi = BY_ID["expected_wait"]
    moment = Moment(now=asked.now, period=NOW)
    for fact in facts:
        if not asked.judges(fact.unit):
            continue
        result = kpi.compute(kpi, fact.totals, moment)
        figure = Figure(unit=fact.unit, value=result.value, n=result.n, at=asked.now)
        expected.append(figure)
        for hall in fact.totals.halls:
            waiting.append(_waiting(fact.unit, hall, asked.now))
            last_call = called.get(fact.unit)
            unserved.append(_unserved(fact.unit, hall, last_call, asked.now))
    return {"expected_wait": expected, "people_waiting": waiting, "nobody_served": unserved}


def _waiting(unit: str, hall: Hall, now: datetime) -> Figure:
    seen = [each.queue_length or 0 for each in hall.counters if each.is_fresh(now)]
    watched = any(each.queue_length is not None for each in hall.counters)
    value = float(sum(seen)) if seen and watched else None
    return Figure(unit=unit, value=value, n=len(seen), at=now)


def _unserved(unit: str, hall: Hall, last_call: datetime | None, now: datetime) -> Figure:
    """Return how many wait while nobody is called or served: 0 as soon as anybody is.

    A call counts for a minute: so long the called one needs to the counter.
    """
    waiting = _waiting(unit, hall, now)
    if waiting.value is None:
        return waiting
    served = any(each.is_busy(now) for each in hall.counters)
    last = [each.last_served_at for each in hall.counters if each.last_served_at is not None]
    attended = [*last, *([] if last_call is None else [last_call])]
    recent = any(abs((now - each).total_seconds()) <= 60 for each in attended)
    return replace(waiting, value=0.0 if served or recent else waiting.value)


async def _devices(connection: AsyncConnection, asked: Asked) -> dict[str, list[Figure]]:
    now = asked.now
    found: dict[str, list[Figure]] = {
        name: []
        for name in (
            "device_silence",
            "camera_hidden",
            "clock_offset",
            "outbox_depth",
            "device_disk_mb",
        )
    }
    delays: list[float] = []
    opened = {unit: asked.opened_s(unit) for unit in asked.tree.units}
    rows = await (await connection.execute(_SQL["devices"])).fetchall()
    for unit, counter, device, last_seen, health_at, camera, depth, off_s, free_mb, own_s in rows:
        if not asked.judges(unit):
            continue
        subject = f"{counter}/{device}"
        since_s = max((now - last_seen).total_seconds(), 0.0)
        open_s = opened.get(unit)
        if open_s is not None and since_s <= HEARD_WITHIN_S:
            delays.append(min(since_s, open_s))
        # What was switched off over night is silent from the opening on.
        silent_s = 0.0 if open_s is None else min(since_s, open_s)
        told = {
            "device_silence": silent_s,
            "camera_hidden": None if camera is None else float(camera in _HIDDEN),
            "clock_offset": None if off_s is None else abs(off_s - own_s),
            "outbox_depth": None if depth is None else float(depth),
            "device_disk_mb": free_mb,
        }
        for name, value in told.items():
            at = now if name == "device_silence" else health_at or last_seen
            found[name].append(Figure(unit=unit, subject=subject, value=value, n=1, at=at))
    found["ingest_delay"] = [_delay(delays, now)]
    return found


def _delay(delays: list[float], now: datetime) -> Figure:
    """Return the median age of what was heard last: one device may be silent, not half of them."""
    ordered = sorted(delays)
    middle = ordered[len(ordered) // 2] if ordered else None
    return Figure(unit=None, value=middle, n=len(ordered), at=now)


async def _dossiers(connection: AsyncConnection, asked: Asked) -> dict[str, list[Figure]]:
    facts: tuple[Fact[OpenTotals], ...] = await read_facts(
        connection, OPEN_DOSSIERS, Selection(period=NOW)
    )
    figures = [
        Figure(
            unit=fact.unit,
            value=fact.totals.due_soon / fact.totals.open if fact.totals.open else None,
            n=fact.totals.open,
            at=asked.now,
        )
        for fact in facts
        if asked.judges(fact.unit)
    ]
    return {"dossiers_due_soon": figures}


async def _complaints(connection: AsyncConnection, asked: Asked) -> dict[str, list[Figure]]:
    calendar = asked.calendars.by_id[DEFAULT]
    until = calendar.closing(calendar.shift(asked.day, NEAR_DAYS))
    cursor = await connection.execute(_SQL["open_complaints"], {"until": until})
    figures = [
        Figure(unit=unit, value=float(near), n=open_, at=asked.now)
        for unit, open_, near in await cursor.fetchall()
        if asked.judges(unit)
    ]
    return {"complaints_near_deadline": figures}


async def _jobs(connection: AsyncConnection, asked: Asked) -> dict[str, list[Figure]]:
    counts: list[tuple[Any, ...]] = []
    row = await (await connection.execute(_SQL["has_timescale"])).fetchone()
    names = ["failing_jobs"] if row is not None and row[0] else []
    for name in [*names, "given_up_jobs"]:
        found = await (await connection.execute(_SQL[name])).fetchone()
        counts += [] if found is None else [tuple(found)]
    jobs, failed = (sum(each[index] for each in counts) for index in (0, 1))
    # One that is known to have failed is enough, however few there are.
    figure = Figure(unit=None, value=float(failed), n=max(jobs, 1), at=asked.now)
    return {"failing_jobs": [figure]}


async def _machine(connection: AsyncConnection, asked: Asked) -> dict[str, list[Figure]]:
    """Return what the worker has looked up of its own machine: nothing where nobody told it."""
    del connection
    return {
        name: [each for each in figures if asked.now >= each.at]
        for name, figures in asked.machine.items()
    }


READERS: Mapping[frozenset[str], Read] = MappingProxyType(
    {
        frozenset({"expected_wait", "people_waiting", "nobody_served"}): _outlook,
        frozenset(
            {
                "device_silence",
                "camera_hidden",
                "clock_offset",
                "outbox_depth",
                "device_disk_mb",
                "ingest_delay",
            }
        ): _devices,
        frozenset({"dossiers_due_soon"}): _dossiers,
        frozenset({"complaints_near_deadline"}): _complaints,
        frozenset({"failing_jobs"}): _jobs,
        frozenset({"server_disk_free", "backup_age"}): _machine,
    }
)
"""Which sources each reader gives."""
