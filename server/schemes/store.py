"""Reads what scores rest on and scores; stores what is entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.readings import Reading
from runtime.sql import statements
from server.errors import NotFound, NotScored
from server.kpi.catalogue import BY_ID
from server.periods import Period
from server.readings.readings import Breakdown, Question
from server.readings.store import read_officers, read_readings
from server.schemes.points import Entry, PastEntry, check_entry
from server.schemes.schemes import Level, Scheme
from server.schemes.scores import Entered, Judged, Known, Present, Score, score
from server.scopes import PROVINCE, Part, Scope
from server.units.store import read_history
from server.units.units import TreeView

_SQL = statements("server.schemes", "schemes.sql")

Whom = tuple[str, str | None]
"""A unit, and of officers' schemes the officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose scores are asked for: all units', one unit's, or officers' of a unit."""

    unit: str | None = None
    officer: str | None = None


async def read_scores(
    connection: AsyncConnection, scheme: Scheme, period: Period, asked: Asked, now: datetime
) -> list[Score]:
    """Return the scores by the units of the period's own days, in their order.

    Of officers those that the connection may see. Raises NotFound for a unit that was not there in
    the period and NotScored for a scheme of officers without a unit, or of units with an officer.
    """
    require_level(scheme, asked)
    entered = await _entered(connection, scheme, period, asked)
    known = await _readings(connection, scheme, period, asked, now)
    running = not period.is_over(now)
    present = await _present(connection, period)
    if asked.unit is not None and asked.unit not in present:
        raise NotFound(f"unit {asked.unit!r} was not there in {period}")
    whom = _judged(scheme, asked, present, known, entered)
    return _scored(scheme, (period, running), present, known, entered, whom)


async def read_officer_scores(
    connection: AsyncConnection, scheme: Scheme, period: Period, now: datetime
) -> list[Score]:
    """Return the scores of the officers of all units, as `read_scores` gives those of one."""
    entered = await _entered(connection, scheme, period, Asked())
    question = Question(
        kpis=tuple(BY_ID[kpi] for kpi in scheme.kpis()),
        scope=PROVINCE,
        period=period,
        tree=TreeView.THEN,
    )
    known: defaultdict[Whom, dict[str, Reading]] = defaultdict(dict)
    for unit, readings in (await read_officers(connection, question, now)).items():
        for reading in readings:
            officer = Scope.parse(reading.scope).parts.get(Part.OFFICER)
            known[unit, officer][reading.kpi] = reading
    present = await _present(connection, period)
    running = not period.is_over(now)
    found = sorted(each for each in {*known, *entered} if each[1] is not None)
    whom = [each for each in found if each[0] in present]
    return _scored(scheme, (period, running), present, known, entered, whom)


def _scored(
    scheme: Scheme,
    of: tuple[Period, bool],
    present: Mapping[str, Present | None],
    known: Mapping[Whom, Mapping[str, Reading]],
    entered: Mapping[Whom, Mapping[str, Entered]],
    whom: Iterable[Whom],
) -> list[Score]:
    """Return the scores of a period, and whether it is running, of those who are judged."""
    period, running = of
    return [
        score(
            scheme,
            Judged(
                unit=unit,
                officer=officer,
                period=str(period),
                running=running,
                present=present[unit],
            ),
            known.get((unit, officer), {}),
            entered.get((unit, officer), {}),
        )
        for unit, officer in whom
    ]


async def enter_points(
    connection: AsyncConnection,
    scheme: Scheme,
    period: Period,
    whom: Whom,
    entries: Sequence[Entry],
    by: str,
    now: datetime,
) -> None:
    """Store entries; what was entered before stays as history. Raises NotFound, PointsInvalid."""
    unit, officer = whom
    require_level(scheme, Asked(unit=unit, officer=officer))
    for entry in entries:
        check_entry(scheme, entry)
    rows = [
        {
            **asdict(entry),
            "withdrawn": entry.withdraws,
            "scheme": scheme.id,
            "unit": unit,
            "officer": officer,
            "period": str(period),
            "entered_by": by,
            "entered_at": now,
        }
        for entry in entries
    ]
    try:
        await connection.cursor().executemany(_SQL["enter_point"], rows)
    except psycopg.errors.ForeignKeyViolation as error:
        named = "officer" if "officer" in (error.diag.constraint_name or "") else "unit"
        raise NotFound(
            f"there is no {named} {officer if named == 'officer' else unit!r}"
        ) from error


async def read_entries(
    connection: AsyncConnection, scheme: Scheme, period: Period, whom: Whom
) -> list[PastEntry]:
    """Return everything that was ever entered for a unit or officer, the newest first."""
    unit, officer = whom
    cursor = connection.cursor(row_factory=class_row(PastEntry))
    of = {"scheme": scheme.id, "period": str(period), "unit": unit, "officer": officer}
    return await (await cursor.execute(_SQL["history"], of)).fetchall()


def require_level(scheme: Scheme, asked: Asked) -> None:
    """Raise NotScored for an officer in a scheme of units, or for officers without a unit."""
    if scheme.level is Level.UNIT and asked.officer is not None:
        raise NotScored(f"{scheme.id} scores units; officers are scored by another scheme")
    if scheme.level is Level.OFFICER and asked.unit is None:
        raise NotScored(f"{scheme.id} scores the officers of one unit: name it")


async def _entered(
    connection: AsyncConnection, scheme: Scheme, period: Period, asked: Asked
) -> Mapping[Whom, dict[str, Entered]]:
    of = {
        "scheme": scheme.id,
        "period": str(period),
        "officers": scheme.level is Level.OFFICER,
        **asdict(asked),
    }
    found: defaultdict[Whom, dict[str, Entered]] = defaultdict(dict)
    names = ("points", "numerator", "denominator", "evidence", "entered_by", "entered_at")
    for unit, officer, term, *values in await (
        await connection.execute(_SQL["entered_points"], of)
    ).fetchall():
        found[unit, officer][term] = Entered(term=term, **dict(zip(names, values, strict=True)))
    return found


async def _readings(
    connection: AsyncConnection, scheme: Scheme, period: Period, asked: Asked, now: datetime
) -> Mapping[Whom, Known]:
    scope, by = _question(scheme, asked)
    question = Question(
        kpis=tuple(BY_ID[kpi] for kpi in scheme.kpis()),
        scope=scope,
        period=period,
        by=by,
        tree=TreeView.THEN,
    )
    found: defaultdict[Whom, dict[str, Reading]] = defaultdict(dict)
    for reading in await read_readings(connection, question, now):
        place = Scope.parse(reading.scope)
        assert place.unit is not None
        found[place.unit, place.parts.get(Part.OFFICER)][reading.kpi] = reading
    return dict(found)


def _question(scheme: Scheme, asked: Asked) -> tuple[Scope, Breakdown | None]:
    """Return of which place readings are needed, and by what they are broken down."""
    if asked.unit is None:
        return PROVINCE, Breakdown.UNIT
    if scheme.level is Level.UNIT:
        return Scope.subtree(asked.unit), None
    place = Scope.of_unit(asked.unit)
    if asked.officer is None:
        return place, Breakdown.OFFICER
    return place.narrowed(Part.OFFICER, asked.officer), None


async def _present(connection: AsyncConnection, period: Period) -> Mapping[str, Present | None]:
    """Return the units that were there, each with its days when these are not all of them."""
    assert period.first is not None
    assert period.end is not None
    days: dict[str, tuple[Period, Period]] = {}
    for span, tree in await read_history(connection, period):
        for unit in tree.accepted:
            days[unit] = (days.get(unit, (span, span))[0], span)
    return {
        unit: None if (first.first, last.end) == (period.first, period.end) else _days(first, last)
        for unit, (first, last) in days.items()
    }


def _days(first: Period, last: Period) -> Present:
    assert first.first is not None
    assert last.end is not None
    return Present(first=first.first, last=last.end - timedelta(days=1))


def _judged(
    scheme: Scheme,
    asked: Asked,
    present: Mapping[str, Present | None],
    known: Mapping[Whom, object],
    entered: Mapping[Whom, object],
) -> Iterator[Whom]:
    """Yield whom to score, in order."""
    if scheme.level is Level.UNIT:
        units = present if asked.unit is None else (asked.unit,)
        yield from ((unit, None) for unit in units)
    elif asked.officer is not None and asked.unit is not None:
        yield asked.unit, asked.officer
    else:
        yield from sorted(whom for whom in {*known, *entered} if whom[1] is not None)
