"""What the API answers about appraisals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, cast
from uuid import UUID

from fastapi import Depends, Request
from psycopg import AsyncConnection

from server.appraisal.appraisals import NEXT, Appraisal, State, Step, StepTaken
from server.appraisal.store import read_appraisal, read_steps
from server.schemes.points import Entry


class ClosedPeriods(Protocol):
    """Tells which of some periods are closed; the application composes it."""

    async def __call__(self, connection: AsyncConnection, periods: Iterable[str]) -> frozenset[str]:
        """Return those of the periods that are closed, or lie in one that is."""


def closed_periods_of(request: Request) -> ClosedPeriods:
    """Return what the application was composed with."""
    return cast("ClosedPeriods", request.app.state.closed_periods)


Closed = Annotated[ClosedPeriods, Depends(closed_periods_of)]
"""The parameter of a route that has to know which periods are closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """A step of an appraisal; `late` is after its deadline."""

    number: int
    step: Step
    at: datetime
    actor: str
    late: bool
    comment: str
    entries: tuple[Entry, ...]
    due_at: datetime | None = None
    total: str | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraisalSeen:
    """An appraisal; a `draft` until it is final and its period closed. `appraiser_there` is false
    once they left.

    `next_step` has to be taken by `due_at`; it is `overdue` after that. `steps` are the history,
    in lists they are left out.
    """

    id: UUID
    scheme: str
    version: int
    unit: str
    officer: str | None
    period: str
    state: State
    draft: bool
    appraiser: str
    appraiser_there: bool
    next_step: Step | None
    due_at: datetime | None
    overdue: bool
    steps: tuple[StepSeen, ...] | None = None


async def whole(
    connection: AsyncConnection, id_: UUID, now: datetime, closed: ClosedPeriods
) -> AppraisalSeen:
    """Return an appraisal with its history; raise NotFound."""
    found = await read_appraisal(connection, id_)
    is_closed = bool(await closed(connection, [found.period]))
    return seen(found, now, await read_steps(connection, id_), closed=is_closed)


def seen(
    found: Appraisal,
    now: datetime,
    steps: tuple[StepTaken, ...] | None = None,
    *,
    closed: bool,
) -> AppraisalSeen:
    """Return an appraisal as it is answered; `closed` says that its period is."""
    following = NEXT.get(found.state)
    return AppraisalSeen(
        id=found.id,
        scheme=found.scheme,
        version=found.version,
        unit=found.unit,
        officer=found.officer,
        period=found.period,
        state=found.state,
        draft=found.state is not State.FINAL or not closed,
        appraiser=found.appraiser_name,
        appraiser_there=found.appraiser_there,
        next_step=None if following is None else following[0],
        due_at=found.due_at,
        overdue=found.due_at is not None and now > found.due_at,
        steps=None if steps is None else tuple(map(_step_seen, steps)),
    )


def _step_seen(step: StepTaken) -> StepSeen:
    return StepSeen(
        number=step.number,
        step=step.step,
        at=step.at,
        actor=step.actor,
        late=step.late,
        comment=step.comment,
        entries=step.entries,
        due_at=step.due_at,
        total=None if step.total is None else str(step.total),
        band=step.band,
    )
