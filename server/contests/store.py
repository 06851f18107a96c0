"""Reads and stores contests, and lets their answers have effect."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row

from runtime.sql import statements
from server.access.principals import Principal
from server.access.sign_ins import principal_named
from server.contests.contests import (
    Contest,
    Effect,
    Kind,
    Objection,
    require_answering,
    require_effect,
    require_fit,
)
from server.db.changes import announce_change
from server.errors import Conflict, NotFound, RequestInvalid
from server.periods import Period
from server.readings.readings import Question, kpis_named
from server.readings.store import read_readings
from server.schemes.library import Schemes, scheme_of
from server.schemes.points import Entry
from server.schemes.store import Asked, enter_points, read_scores
from server.scopes import Part, Scope
from server.units.units import TreeView

_SQL = statements("server.contests", "contests.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is decided, why, and of a class that is restated its new points."""

    effect: Effect
    reasons: str
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which contests are asked for."""

    id: UUID | None = None
    unit: str | None = None
    period: str | None = None
    kpi: str | None = None
    scheme: str | None = None


async def read_contests(connection: AsyncConnection, wanted: Wanted) -> list[Contest]:
    """Return the contests that the connection may see, the newest first."""
    cursor = connection.cursor(row_factory=kwargs_row(_contest))
    return await (await cursor.execute(_SQL["contests"], asdict(wanted))).fetchall()


async def read_contest(connection: AsyncConnection, id_: UUID) -> Contest:
    """Return one contest; raise NotFound, also for one that the connection may not see."""
    found = await read_contests(connection, Wanted(id=id_))
    if not found:
        raise NotFound("there is no such contest")
    return found[0]


async def file_contest(
    connection: AsyncConnection, objection: Objection, schemes: Schemes, by: str, now: datetime
) -> UUID:
    """Store an objection with the value that it is about; return its id.

    Raises NotFound for an unknown rating, KPI, scheme or unit, and RequestInvalid.
    """
    made = await _completed(connection, objection, now)
    value = await _value(connection, made, schemes, now)
    row = {**asdict(made), "filed_by": by, "filed_at": now, "value_before": value}
    try:
        found = await (await connection.execute(_SQL["file"], row)).fetchone()
    except psycopg.errors.ForeignKeyViolation as error:
        raise NotFound(f"there is no unit {made.unit!r} or officer {made.officer!r}") from error
    assert found is not None
    return UUID(str(found[0]))


async def assign(
    connection: AsyncConnection, contest: Contest, to: str, by: str, now: datetime
) -> None:
    """Give a contest to an account; raise NotFound and Conflict."""
    account = await principal_named(connection, to, appraised=contest.unit)
    if account is None:
        raise NotFound(f"there is no account {to!r}, or it is disabled")
    require_fit(account, contest)
    row = {"id": contest.id, "assignee": account.account, "by": by, "now": now}
    if await (await connection.execute(_SQL["assign"], row)).fetchone() is None:
        raise Conflict("the contest has been answered already")


async def answer(
    connection: AsyncConnection,
    contest: Contest,
    given: Answer,
    schemes: Schemes,
    who: Principal,
    now: datetime,
) -> None:
    """Store the answer and let it have its effect, once.

    Raises Forbidden, and Conflict for a second answer or an effect that does not fit.
    """
    require_answering(who, contest)
    require_effect(contest.kind, given.effect, entries=bool(given.entries))
    row = {
        "id": contest.id,
        "effect": given.effect,
        "answer": given.reasons,
        "by": who.name,
        "now": now,
    }
    if await (await connection.execute(_SQL["answer"], row)).fetchone() is None:
        raise Conflict("the contest has been answered already; read it again")
    if given.effect is Effect.LEFT_OUT:
        gone = {"rating": contest.rating, "id": contest.id, "now": now}
        await connection.execute(_SQL["leave_out"], gone)
        await connection.execute(_SQL["mark_dirty"], gone)
        await announce_change(connection, {contest.unit})
        return  # its figure follows when the hour has been counted anew
    if given.entries:
        assert contest.scheme is not None
        period = Period.parse(contest.period, now)
        scheme = scheme_of(schemes, contest.scheme, period)
        whom = (contest.unit, contest.officer)
        await enter_points(connection, scheme, period, whom, given.entries, who.name, now)
    objection = Objection(**{name: getattr(contest, name) for name in _OBJECTION})
    value = await _value(connection, objection, schemes, now)
    await connection.execute(_SQL["set_after"], {"id": contest.id, "value": value})


_OBJECTION = ("kind", "unit", "officer", "period", "kpi", "scheme", "rating", "reason")


async def _completed(connection: AsyncConnection, objection: Objection, now: datetime) -> Objection:
    """Return the objection with its period as it is written; of a rating its own unit and day."""
    if objection.kind is Kind.RATING:
        found = await (
            await connection.execute(_SQL["rating"], {"rating": objection.rating})
        ).fetchone()
        if found is None or found[0] != objection.unit:
            raise NotFound(f"there is no rating {objection.rating} in {objection.unit}")
        return replace(objection, period=found[1], kpi=None, scheme=None)
    period = Period.parse(objection.period, now)
    if period.is_now:
        raise RequestInvalid("a contest is about a day or a longer period, not about now")
    return replace(objection, period=str(period), rating=None)


async def _value(
    connection: AsyncConnection, objection: Objection, schemes: Schemes, now: datetime
) -> Decimal | None:
    """Return the figure, or the total of the class, as it is now; None where there is none."""
    if objection.kind is Kind.RATING:
        return None
    period = Period.parse(objection.period, now)
    if objection.kind is Kind.CLASS:
        scheme = scheme_of(schemes, objection.scheme or "", period)
        asked = Asked(unit=objection.unit, officer=objection.officer)
        (score,) = await read_scores(connection, scheme, period, asked, now)
        return score.total
    place = Scope.of_unit(objection.unit)
    if objection.officer is not None:
        place = place.narrowed(Part.OFFICER, objection.officer)
    kpis = kpis_named([objection.kpi or ""], place, period)
    question = Question(kpis=kpis, scope=place, period=period, tree=TreeView.THEN)
    (reading,) = await read_readings(connection, question, now)
    return None if reading.value is None else Decimal(repr(reading.value))


def _contest(*, kind: str, effect: str | None, **columns: Any) -> Contest:  # noqa: ANN401 - of a row
    return Contest(kind=Kind(kind), effect=None if effect is None else Effect(effect), **columns)
