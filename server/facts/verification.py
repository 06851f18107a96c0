"""Compares stored totals with what raw rows give, day by day, and counts anew what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg

from runtime.sql import statements
from server.facts.recount import Hour, follow_retention, lock_totals, recount
from server.periods import Period, Step

_SQL = statements("server.facts", "verification.sql")


_PLACE = ("unit", "counter", "hour", "day", "month")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row of totals that raw rows do not give, or that they give and is not stored.

    `stored` and `counted` are the row's columns; one of them is None.
    """

    total: str
    level: str
    unit: str
    counter: str
    at: datetime | date
    stored: dict[str, Any] | None
    counted: dict[str, Any] | None

    @property
    def sentence(self) -> str:
        """What differs, in one line."""
        row = self.stored or self.counted or {}
        told = " ".join(f"{name}={value}" for name, value in row.items() if name not in _PLACE)
        known = "stored, but not in raw rows" if self.stored else "in raw rows, but not stored"
        place = f"{self.unit}/{self.counter}" if self.counter else self.unit
        return f"{self.total} of the {self.level} {self.at} at {place}: {told} is {known}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayVerified:
    """One local day: what differs there. `kept` is False where raw rows are no longer kept."""

    day: date
    hours: int
    kept: bool
    differences: tuple[Difference, ...]


def verify_days(connection: psycopg.Connection, *, repair: bool) -> Iterator[DayVerified]:
    """Yield every local day that has totals or raw rows, compared; each in its own transaction.

    With `repair` the hours that differ are counted anew before the day is yielded. Days that begin
    before the horizon of raw rows are listed and left alone.
    """
    follow_retention(connection)
    (horizon,) = _one(connection, "horizon")
    for (day,) in connection.execute(_SQL["days"]).fetchall():
        period = Period.of(Step.DAY, day)
        start, end = period.bounds
        if start < horizon:
            yield DayVerified(day=day, hours=0, kept=False, differences=())
            continue
        with connection.transaction():
            lock_totals(connection)
            bounds = {"day": day, "start": start, "end": end}
            hours = [(u, c, h) for u, c, h in connection.execute(_SQL["hours"], bounds).fetchall()]
            found = tuple(_differences(connection, hours, bounds))
            if repair:
                _repair(connection, found)
        yield DayVerified(day=day, hours=len(hours), kept=True, differences=found)


def verify_levels(connection: psycopg.Connection, *, repair: bool) -> tuple[Difference, ...]:
    """Return the days and months that are not the sums of their hours; `repair` sums them anew."""
    with connection.transaction():
        lock_totals(connection)
        found = tuple(
            Difference(
                total=total,
                level=level,
                unit=unit,
                counter=counter,
                at=day,
                stored=stored,
                counted=counted,
            )
            for total, level, unit, counter, day, stored, counted in connection.execute(
                _SQL["different_levels"]
            )
        )
        if repair and found:
            connection.execute(_SQL["roll_up_anew"])
            connection.execute(_SQL["count_unattributed_anew"])
    return found


def _differences(
    connection: psycopg.Connection, hours: list[Hour], bounds: dict[str, Any]
) -> Iterator[Difference]:
    units, counters, starts = map(list, zip(*hours, strict=True)) if hours else ([], [], [])
    wanted = {"unit": units, "counter": counters, "hour": starts}
    for total, *hour in connection.execute(_SQL["different_hours"], wanted):
        yield _difference(total, "hour", hour, bounds)
    for row in connection.execute(_SQL["different_expressions"], bounds):
        yield _difference("expression", "day", row, bounds)


def _difference(total: str, level: str, row: Sequence[Any], bounds: dict[str, Any]) -> Difference:
    unit, counter, hour, stored, counted = row
    return Difference(
        total=total,
        level=level,
        unit=unit,
        counter=counter,
        at=hour or bounds["day"],
        stored=stored,
        counted=counted,
    )


def _repair(connection: psycopg.Connection, found: tuple[Difference, ...]) -> None:
    hours = {(each.unit, each.counter, each.at) for each in found if isinstance(each.at, datetime)}
    recount(connection, sorted(hours))
    days = sorted({(each.unit, each.at) for each in found if each.total == "expression"})
    if days:
        units, dates = map(list, zip(*days, strict=True))
        connection.execute(_SQL["recount_expressions"], {"unit": units, "days": dates})


def _one(connection: psycopg.Connection, name: str) -> tuple[Any, ...]:
    row = connection.execute(_SQL[name]).fetchone()
    assert row is not None
    return row
