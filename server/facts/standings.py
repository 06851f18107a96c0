"""Which ratings are official, doubtful or taken back: judged again whenever a neighbour arrives.

A rating's standing follows from the raw rows near it, whatever the order in which they came, and
totals move with it in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self, TypeAlias
from uuid import UUID

import psycopg

from contract.local_time import LOCAL_TIME
from contract.messages import Presence, Suspicion
from runtime.sql import statements
from runtime.suspicion import (
    BURST_WITHIN,
    HOURS_MARGIN,
    REACH,
    REACH_RATINGS,
    IsOpen,
    Tap,
    suspicions,
)
from server.calendars.calendars import Calendar
from server.calendars.store import read_calendars_blocking

_SQL = statements("server.facts", "standings.sql")
_A_DAY = timedelta(days=1)
"""Ratings of one visit lie within it."""

Place: TypeAlias = tuple[str, str]
"""A unit and one of its counters."""


class Standing(StrEnum):
    """In which totals a rating is; `new` ones, which are stored as official, are in none yet."""

    NEW = "new"
    OFFICIAL = "official"
    SUSPECT = "suspect"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A rating or a withdrawal that was not there before, at its place and time."""

    id: UUID
    place: Place
    at: datetime
    visit: UUID | None
    amends: UUID | None

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return what stands in id, unit, counter, observed_at, visit, amends."""
        identity, unit, counter, at, visit, amends = row
        return cls(id=identity, place=(unit, counter), at=at, visit=visit, amends=amends)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A time at a place in which ratings are judged, within the one whose ratings matter to it."""

    place: Place
    since: datetime
    until: datetime
    read_since: datetime
    read_until: datetime

    def holds(self, at: datetime) -> bool:
        return self.since <= at <= self.until

    def joined(self, later: _Stretch) -> _Stretch:
        """Return both as one; what is read of them is without a gap."""
        return replace(
            self,
            until=max(self.until, later.until),
            read_until=max(self.read_until, later.read_until),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A rating as it is stored."""

    score: int
    suspect: str
    standing: Standing
    withdrawn: bool
    simulated: bool
    tap: Tap

    @classmethod
    def from_row(cls, row: Sequence[Any], uncounted: frozenset[UUID]) -> Self:
        identity, at, score, presence, held_s, marked, suspect, standing, *told = row
        withdrawn, repeated, simulated = told
        return cls(
            score=score,
            suspect=suspect,
            standing=Standing.NEW if identity in uncounted else Standing(standing),
            withdrawn=withdrawn,
            simulated=simulated,
            tap=Tap(
                id=identity,
                at=at,
                presence=None if presence is None else Presence(presence),
                held_s=held_s,
                repeated=repeated,
                marked=frozenset(map(Suspicion, marked.split(","))) if marked else frozenset(),
            ),
        )


def judge_ratings(connection: psycopg.Connection, fresh: Iterable[Fresh]) -> None:
    """Judge what is `fresh` and all ratings to which it matters, in the caller's transaction."""
    new = list(fresh)
    if not new:
        return
    times: dict[Place, set[datetime]] = defaultdict(set)
    for one in new:
        times[one.place].add(one.at)
    connection.execute(_SQL["lock_totals"])
    connection.execute(_SQL["lock_counters"], _columns(sorted(times)))
    for unit, counter, at in _of_same_visits(connection, new):
        if (unit, counter) in times:
            times[unit, counter].add(at)
    is_open = _opening(connection, {unit for unit, _ in times})
    uncounted = frozenset(one.id for one in new)
    judged = [
        (stretch.place, *found)
        for stretch, rows in _read(connection, _stretches(connection, times), uncounted)
        for found in _judged(rows, stretch, is_open(stretch.place[0]))
    ]
    if judged:
        _store(connection, judged)


def _of_same_visits(
    connection: psycopg.Connection, new: Sequence[Fresh]
) -> list[tuple[str, str, datetime]]:
    visits = [one.visit for one in new if one.visit is not None]
    amends = [one.amends for one in new if one.amends is not None]
    if not visits and not amends:
        return []
    times = [one.at for one in new]
    bounds = {"since": min(times) - _A_DAY, "until": max(times) + _A_DAY}
    found = connection.execute(_SQL["of_visits"], {"visit": visits, "amends": amends} | bounds)
    return [(unit, counter, at) for unit, counter, at in found.fetchall()]


def _stretches(
    connection: psycopg.Connection, times: Mapping[Place, Iterable[datetime]]
) -> list[_Stretch]:
    """Return what is to be judged, and read for it, around what is new: apart, in order of time.

    The fifth rating before and after decides where that ends, so that a storm of ratings costs no
    more for each of them than a quiet day.
    """
    spans = [(place, *span) for place in sorted(times) for span in _spans(sorted(times[place]))]
    parameters = _columns([place for place, *_ in spans]) | {
        "since": [since for _, since, _ in spans],
        "until": [until for *_, until in spans],
        "reach": REACH,
        "ratings": REACH_RATINGS,
    }
    found: list[_Stretch] = []
    for unit, counter, *bounds in connection.execute(_SQL["stretches"], parameters).fetchall():
        since, until, read_since, read_until = bounds
        one = _Stretch(
            place=(unit, counter),
            since=since,
            until=until,
            read_since=read_since,
            read_until=read_until,
        )
        if found and found[-1].place == one.place and one.read_since <= found[-1].read_until:
            found[-1] = found[-1].joined(one)
        else:
            found.append(one)
    return found


def _spans(times: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """Return the first and last of ordered times that are near each other."""
    found: list[tuple[datetime, datetime]] = []
    for at in times:
        if found and at <= found[-1][1] + BURST_WITHIN:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def _read(
    connection: psycopg.Connection, stretches: Sequence[_Stretch], uncounted: frozenset[UUID]
) -> list[tuple[_Stretch, list[_Row]]]:
    parameters = _columns([one.place for one in stretches]) | {
        "since": [one.read_since for one in stretches],
        "until": [one.read_until for one in stretches],
    }
    rows: list[list[_Row]] = [[] for _ in stretches]
    for number, *row in connection.execute(_SQL["taps"], parameters).fetchall():
        rows[number - 1].append(_Row.from_row(row, uncounted))
    return list(zip(stretches, rows, strict=True))


def _judged(
    rows: Sequence[_Row], stretch: _Stretch, is_open: IsOpen | None
) -> list[tuple[_Row, str, Standing]]:
    """Return the ratings whose doubts or standing have changed, with what they are now."""
    counted = [row for row in rows if not row.withdrawn]
    found = suspicions([row.tap for row in counted if not row.simulated], is_open)
    for row in counted:
        if row.simulated:  # its time may be faster than ours: alone, and whatever the hour
            found |= suspicions([row.tap], None)
    changed = []
    for row in rows:
        if not stretch.holds(row.tap.at):
            continue
        suspect = ",".join(sorted(found.get(row.tap.id, ())))
        standing = Standing.OFFICIAL
        if row.withdrawn:
            standing = Standing.WITHDRAWN
        elif suspect:
            standing = Standing.SUSPECT
        if (row.suspect, row.standing) != (suspect, standing):
            changed.append((row, suspect, standing))
    return changed


def _store(
    connection: psycopg.Connection, judged: Sequence[tuple[Place, _Row, str, Standing]]
) -> None:
    connection.execute(
        _SQL["set_standings"],
        _columns([place for place, *_ in judged])
        | {
            "id": [row.tap.id for _, row, _, _ in judged],
            "observed_at": [row.tap.at for _, row, _, _ in judged],
            "score": [row.score for _, row, _, _ in judged],
            "suspect": [suspect for _, _, suspect, _ in judged],
            "before": [str(row.standing) for _, row, _, _ in judged],
            "standing": [str(standing) for *_, standing in judged],
        },
    )


def _opening(connection: psycopg.Connection, units: set[str]) -> Callable[[str], IsOpen | None]:
    """Return what tells of a unit when ratings are expected; None where no hours are known."""
    rows = connection.execute(_SQL["units_with_hours"], {"units": list(units)}).fetchall()
    known = {unit for (unit,) in rows}
    if not known:
        return lambda _unit: None
    calendars = read_calendars_blocking(connection)
    return lambda unit: _is_open(calendars.of(unit)) if unit in known else None


def _is_open(calendar: Calendar) -> IsOpen:
    def check(at: datetime) -> bool:
        local = at.astimezone(LOCAL_TIME)
        hours = calendar.hours(local.date())
        if not hours:
            return False
        first = datetime.combine(local.date(), hours[0][0], LOCAL_TIME) - HOURS_MARGIN
        last = datetime.combine(local.date(), hours[-1][1], LOCAL_TIME) + HOURS_MARGIN
        return first <= local <= last

    return check


def _columns(places: Sequence[Place]) -> dict[str, object]:
    return {"unit": [unit for unit, _ in places], "counter": [counter for _, counter in places]}
