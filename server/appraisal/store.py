"""Reads and stores appraisals; each change is one transaction with its entry in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import kwargs_row
from psycopg.types.json import Jsonb

from runtime.sql import statements
from server.access.principals import Principal
from server.access.sign_ins import principal_named
from server.appraisal.appraisals import (
    NEXT,
    Appraisal,
    State,
    Step,
    StepTaken,
    due,
    next_state,
    require_appraiser,
    require_fit,
    require_judged,
)
from server.calendars.store import read_calendars
from server.errors import Conflict, NotFound
from server.periods import Period
from server.schemes.points import Entry, check_entry
from server.schemes.schemes import Scheme
from server.schemes.store import Asked, Whom, enter_points, read_scores, require_level

_SQL = statements("server.appraisal", "appraisal.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does to an appraisal."""

    step: Step
    entries: tuple[Entry, ...] = ()
    comment: str = ""


async def read_appraisals(
    connection: AsyncConnection,
    *,
    id_: UUID | None = None,
    period: str | None = None,
    unit: str | None = None,
) -> list[Appraisal]:
    """Return the appraisals that the connection may see, the most urgent first."""
    cursor = connection.cursor(row_factory=kwargs_row(_appraisal))
    await cursor.execute(_SQL["appraisals"], {"id": id_, "period": period, "unit": unit})
    return await cursor.fetchall()


async def read_appraisal(connection: AsyncConnection, id_: UUID) -> Appraisal:
    """Return one appraisal; raise NotFound, also for one that the connection may not see."""
    found = await read_appraisals(connection, id_=id_)
    if not found:
        raise NotFound("there is no such appraisal")
    return found[0]


async def read_steps(connection: AsyncConnection, id_: UUID) -> tuple[StepTaken, ...]:
    """Return an appraisal's history."""
    rows = await (await connection.execute(_SQL["steps"], {"id": id_})).fetchall()
    return tuple(_step(*row) for row in rows)


async def open_appraisal(
    connection: AsyncConnection,
    scheme: Scheme,
    period: Period,
    whom: Whom,
    appraiser: str,
    by: str,
    now: datetime,
) -> UUID:
    """Open an appraisal and give it to an account; return its id.

    Raises NotFound for an unknown unit, officer or account and Conflict where it cannot be given to
    the account, or where there is one already.
    """
    unit, officer = whom
    require_level(scheme, Asked(unit=unit, officer=officer))
    account = await _fit(connection, appraiser, whom)
    calendar = (await read_calendars(connection)).of(unit)
    until = due(Step.SELF_SCORE, scheme.deadlines, calendar, period, now)
    row = {
        "scheme": scheme.id,
        "version": scheme.version,
        "unit": unit,
        "officer": officer,
        "period": str(period),
        "appraiser": account.account,
        "due_at": until,
        "opened_by": by,
        "opened_at": now,
    }
    try:
        (id_,) = await _one(connection, "open", row)
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(f"{unit} has an appraisal by {scheme.id} for {period} already") from error
    except psycopg.errors.ForeignKeyViolation as error:
        raise NotFound(f"there is no unit {unit!r} or officer {officer!r}") from error
    await _add_step(connection, id_, Act(step=Step.OPENED, comment=appraiser), by, now)
    return UUID(str(id_))


async def act(
    connection: AsyncConnection,
    appraisal: Appraisal,
    scheme: Scheme,
    period: Period,
    taken: Act,
    who: Principal,
    now: datetime,
) -> State:
    """Take the next step and return the state it leads to.

    The final step makes its points those of the class, with the total that comes of them. Raises
    Forbidden, Conflict where it is not its turn, NotFound and PointsInvalid for a wrong entry.
    """
    (held,) = await _one(connection, "lock", {"id": appraisal.id})
    if held != appraisal.state:
        raise Conflict(f"somebody else took a step: the appraisal is {held} now; read it again")
    await _require_actor(connection, appraisal, taken.step, who)
    state = next_state(appraisal, taken.step, period, now)
    for entry in taken.entries:
        check_entry(scheme, entry)
    total, band = None, None
    if taken.step is Step.FINAL:
        total, band = await _finish(connection, appraisal, scheme, period, taken, who, now)
    await _add_step(
        connection, appraisal.id, taken, who.name, now,
        due_at=appraisal.due_at, total=total, band=band,
    )  # fmt: skip
    until = None
    if state in NEXT:
        calendar = (await read_calendars(connection)).of(appraisal.unit)
        until = due(NEXT[state][0], scheme.deadlines, calendar, period, now)
    await connection.execute(_SQL["advance"], {"id": appraisal.id, "state": state, "due_at": until})
    return state


async def hand_over(
    connection: AsyncConnection,
    appraisal: Appraisal,
    appraiser: str,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Give an open appraisal to another account; what the former one did stays.

    Raises NotFound for an unknown account and Conflict where it cannot be given to it.
    """
    (held,) = await _one(connection, "lock", {"id": appraisal.id})
    if held == State.FINAL:
        raise Conflict("the appraisal is final")
    account = await _fit(connection, appraiser, (appraisal.unit, appraisal.officer))
    self_scored_by = await _self_scored_by(connection, appraisal.id)
    if account.name == self_scored_by:
        raise Conflict("nobody appraises themselves: choose another appraiser")
    await connection.execute(_SQL["hand_over"], {"id": appraisal.id, "appraiser": account.account})
    taken = Act(
        step=Step.HANDED_OVER, comment=f"{appraisal.appraiser_name} → {appraiser}: {reason}"
    )
    await _add_step(connection, appraisal.id, taken, by, now)


async def _require_actor(
    connection: AsyncConnection, appraisal: Appraisal, step: Step, who: Principal
) -> None:
    if step in (Step.SELF_SCORE, Step.ANSWER):
        require_judged(appraisal, who)
    else:
        require_appraiser(appraisal, who, await _self_scored_by(connection, appraisal.id))


async def _finish(
    connection: AsyncConnection,
    appraisal: Appraisal,
    scheme: Scheme,
    period: Period,
    taken: Act,
    who: Principal,
    now: datetime,
) -> tuple[Decimal | None, str | None]:
    """Make the final points those of the class; without any they are the appraised ones."""
    steps = await read_steps(connection, appraisal.id)
    appraised = next((each for each in reversed(steps) if each.step is Step.APPRAISAL), None)
    entries = {each.term: each for each in (appraised.entries if appraised else ())}
    entries |= {each.term: each for each in taken.entries}
    whom = (appraisal.unit, appraisal.officer)
    if entries:
        given: Sequence[Entry] = tuple(entries.values())
        await enter_points(connection, scheme, period, whom, given, who.name, now)
    asked = Asked(unit=appraisal.unit, officer=appraisal.officer)
    (score,) = await read_scores(connection, scheme, period, asked, now)
    return score.total, score.band


async def _fit(connection: AsyncConnection, name: str, whom: Whom) -> Principal:
    unit, officer = whom
    found = await principal_named(connection, name, appraised=unit)
    if found is None:
        raise NotFound(f"there is no account {name!r}, or it is disabled")
    require_fit(found, unit, officer)
    return found


async def _self_scored_by(connection: AsyncConnection, id_: UUID) -> str | None:
    row = await (await connection.execute(_SQL["self_scored_by"], {"id": id_})).fetchone()
    return None if row is None else str(row[0])


async def _add_step(
    connection: AsyncConnection,
    id_: UUID,
    taken: Act,
    by: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    total: Decimal | None = None,
    band: str | None = None,
) -> None:
    entries = [
        {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in asdict(entry).items()
        }
        for entry in taken.entries
    ]
    row = {
        "appraisal": id_,
        "step": taken.step,
        "at": now,
        "actor": by,
        "due_at": due_at,
        "comment": taken.comment,
        "entries": Jsonb(entries),
        "total": total,
        "band": band,
    }
    await connection.execute(_SQL["add_step"], row)


async def _one(connection: AsyncConnection, statement: str, row: dict[str, Any]) -> tuple[Any, ...]:
    found = await (await connection.execute(_SQL[statement], row)).fetchone()
    if found is None:
        raise NotFound("there is no such appraisal")
    return tuple(found)


def _appraisal(*, state: str, **columns: Any) -> Appraisal:  # noqa: ANN401 - columns of a row
    return Appraisal(state=State(state), **columns)


def _step(
    number: int,
    step: str,
    at: datetime,
    actor: str,
    due_at: datetime | None,
    comment: str,
    entries: list[dict[str, Any]],
    total: Decimal | None,
    band: str | None,
) -> StepTaken:
    return StepTaken(
        number=number,
        step=Step(step),
        at=at,
        actor=actor,
        due_at=due_at,
        comment=comment,
        entries=tuple(_entry(**entry) for entry in entries),
        total=total,
        band=band,
    )


def _entry(*, term: str, evidence: str, **figures: str | None) -> Entry:
    exact = {name: None if said is None else Decimal(said) for name, said in figures.items()}
    return Entry(term=term, evidence=evidence, **exact)
