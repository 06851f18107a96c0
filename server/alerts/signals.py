"""Reads the figures of now that rules look at: of units, of devices, and of the server itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.local_time import LOCAL_TIME
from runtime.sql import statements
from server.alerts.alerts import Figure
from server.alerts.figures import (
    DEVICES,
    QUEUES,
    DeviceNow,
    Figures,
    device_figures,
)
from server.alerts.machine import UNKNOWN, Machine
from server.calendars.calendars import Spans
from server.calendars.store import DEFAULT, Calendars
from server.facts.open_dossiers import OPEN_DOSSIERS, OpenTotals
from server.facts.outlook import OUTLOOK, OutlookTotals
from server.facts.sources import Fact, Selection
from server.facts.store import read_facts
from server.periods import NOW
from server.units.units import UnitTree

_SQL = statements("server.alerts", "signals.sql")

HEARD_WITHIN_S = 3_600.0
"""Devices heard in the last hour tell how far behind ingest is; others are merely silent."""

NEAR_DAYS = 2
"""A complaint's deadline is near two working days before it."""


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


Read: TypeAlias = Callable[[AsyncConnection, Asked], Awaitable[Figures]]
"""Reads figures by the source that rules name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Figures of now, and by source what kept those from being read that could not be."""

    figures: Figures
    unread: Mapping[str, Exception]


async def read_signals(connection: AsyncConnection, wanted: Iterable[str], asked: Asked) -> Signals:
    """Return the figures of these sources; a reader that gives several runs once.

    One that fails keeps no other from being read, nor the transaction from going on.
    """
    names = set(wanted)
    found: Figures = {}
    unread: dict[str, Exception] = {}
    for gives, read in READERS.items():
        if not names & gives:
            continue
        try:
            async with connection.transaction():
                found |= await read(connection, asked)
        except Exception as error:
            if connection.closed:
                raise  # the database is away: nothing can be judged
            unread |= dict.fromkeys(names & gives, error)
    figures = {name: found.get(name, []) for name in names if name not in unread}
    return Signals(figures=figures, unread=unread)


async def _outlook(connection: AsyncConnection, asked: Asked) -> Figures:
    facts: tuple[Fact[OutlookTotals], ...] = await read_facts(
        connection, OUTLOOK, Selection(period=NOW)
    )
    cursor = await connection.execute(_SQL["last_calls"], {"now": asked.now})
    called: dict[str, datetime] = dict(await cursor.fetchall())
    found: Figures = {name: [] for name in QUEUES}
    for fact in facts:
        if not asked.judges(fact.unit):
            continue
        last_call = called.get(fact.unit)
        for name, figures in QUEUES.items():
            found[name] += figures(fact.unit, fact.totals, last_call, asked.now)
    return found


async def _devices(connection: AsyncConnection, asked: Asked) -> Figures:
    now = asked.now
    found: Figures = {name: [] for name in DEVICES}
    delays: list[float] = []
    opened = {unit: asked.opened_s(unit) for unit in asked.tree.units}
    cursor = connection.cursor(row_factory=class_row(DeviceNow))
    async for seen in await cursor.execute(_SQL["devices"]):
        if not asked.judges(seen.unit):
            continue
        since_s, open_s = seen.since_s(now), opened.get(seen.unit)
        if open_s is not None and since_s <= HEARD_WITHIN_S:
            delays.append(min(since_s, open_s))
        for name, figure in device_figures(seen, open_s, now).items():
            found[name].append(figure)
    return found | {"ingest_delay": [_delay(delays, now)]}


def _delay(delays: list[float], now: datetime) -> Figure:
    """Return the median age of what was heard last: one device may be silent, not half of them."""
    ordered = sorted(delays)
    middle = ordered[len(ordered) // 2] if ordered else None
    return Figure(unit=None, value=middle, n=len(ordered), at=now)


async def _dossiers(connection: AsyncConnection, asked: Asked) -> Figures:
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


async def _complaints(connection: AsyncConnection, asked: Asked) -> Figures:
    calendar = asked.calendars.by_id[DEFAULT]
    until = calendar.closing(calendar.shift(asked.day, NEAR_DAYS))
    cursor = await connection.execute(_SQL["open_complaints"], {"until": until})
    figures = [
        Figure(unit=unit, value=float(near), n=open_, at=asked.now)
        for unit, open_, near in await cursor.fetchall()
        if asked.judges(unit)
    ]
    return {"complaints_near_deadline": figures}


async def _jobs(connection: AsyncConnection, asked: Asked) -> Figures:
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


async def _machine(connection: AsyncConnection, asked: Asked) -> Figures:
    """Return what the worker has looked up of its own machine: nothing where nobody told it."""
    del connection
    return {
        name: [each for each in figures if asked.now >= each.at]
        for name, figures in asked.machine.items()
    }


READERS: Mapping[frozenset[str], Read] = MappingProxyType(
    {
        frozenset(QUEUES): _outlook,
        DEVICES | {"ingest_delay"}: _devices,
        frozenset({"dossiers_due_soon"}): _dossiers,
        frozenset({"complaints_near_deadline"}): _complaints,
        frozenset({"failing_jobs"}): _jobs,
        frozenset({"server_disk_free", "backup_age"}): _machine,
    }
)
"""Which sources each reader gives."""
