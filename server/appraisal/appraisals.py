"""The course of an appraisal: its steps, who may take them, and until when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from contract.local_time import LOCAL_TIME
from server.access.principals import Principal
from server.access.rights import Right
from server.access.roles import gives
from server.calendars.calendars import Calendar
from server.errors import Conflict, Forbidden
from server.periods import Period
from server.schemes.points import Entry
from server.schemes.schemes import Deadlines


class Step(StrEnum):
    """What is done to an appraisal."""

    OPENED = "opened"
    SELF_SCORE = "self_score"
    APPRAISAL = "appraisal"
    ANSWER = "answer"
    FINAL = "final"
    HANDED_OVER = "handed_over"


class State(StrEnum):
    """How far an appraisal has come."""

    OPEN = "open"
    SELF_SCORED = "self_scored"
    APPRAISED = "appraised"
    ANSWERED = "answered"
    FINAL = "final"


NEXT: Mapping[State, tuple[Step, State]] = MappingProxyType(
    {
        State.OPEN: (Step.SELF_SCORE, State.SELF_SCORED),
        State.SELF_SCORED: (Step.APPRAISAL, State.APPRAISED),
        State.APPRAISED: (Step.ANSWER, State.ANSWERED),
        State.ANSWERED: (Step.FINAL, State.FINAL),
    }
)
"""The step that follows each state, and where it leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """One appraisal as it stands; `due_at` is until when its next step has to be taken."""

    id: UUID
    scheme: str
    version: int
    unit: str
    officer: str | None
    period: str
    state: State
    appraiser: UUID
    appraiser_name: str
    appraiser_there: bool
    due_at: datetime | None
    opened_by: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One step: who took it when, what was scored and said. `late` is after its deadline."""

    number: int
    step: Step
    at: datetime
    actor: str
    due_at: datetime | None
    comment: str
    entries: tuple[Entry, ...]
    total: Decimal | None = None
    band: str | None = None

    @property
    def late(self) -> bool:
        """Whether it came after its deadline."""
        return self.due_at is not None and self.at > self.due_at


def next_state(appraisal: Appraisal, step: Step, period: Period, now: datetime) -> State:
    """Return where a step leads; raise Conflict where it is not its turn.

    Until the period is over an appraisal is a draft: it has no final score.
    """
    if appraisal.state not in NEXT:
        raise Conflict("the appraisal is final; a contest is the way to change it")
    wanted, state = NEXT[appraisal.state]
    if step is not wanted:
        raise Conflict(f"the appraisal is {appraisal.state}: its next step is {wanted}, not {step}")
    if step is Step.FINAL and not period.is_over(now):
        raise Conflict(f"{period} is not over: until then the appraisal is a draft")
    return state


def require_judged(appraisal: Appraisal, who: Principal) -> None:
    """Raise Forbidden unless the principal speaks for whoever is appraised.

    Of an officer that is the officer alone; of a unit whoever enters its points, its appraiser
    excepted.
    """
    if appraisal.officer is not None:
        if who.officer != appraisal.officer:
            raise Forbidden("only the officer who is appraised scores and answers here")
        return
    if who.account == appraisal.appraiser or not who.reach(Right.WRITE_POINTS).has(appraisal.unit):
        raise Forbidden(f"{who.name} does not speak for {appraisal.unit} in this appraisal")


def require_appraiser(appraisal: Appraisal, who: Principal, self_scored_by: str | None) -> None:
    """Raise Forbidden unless the appraisal is given to the principal, who made no part of it."""
    if who.account is None or who.account != appraisal.appraiser:
        raise Forbidden("the appraisal is given to somebody else")
    if not who.reach(Right.APPRAISE).has(appraisal.unit):
        raise Forbidden(f"{who.name} may not appraise in {appraisal.unit}")
    own = appraisal.officer is not None and who.officer == appraisal.officer
    if own or who.name == self_scored_by:
        raise Forbidden("nobody appraises themselves")


def require_fit(appraiser: Principal, unit: str, officer: str | None) -> None:
    """Raise Conflict unless an appraisal can be given to the account.

    A unit is appraised from above it: a role that is held in the unit itself is not enough.
    """
    if not appraiser.reach(Right.APPRAISE).has(unit):
        raise Conflict(f"{appraiser.name} has no role to appraise in {unit}")
    if officer is not None:
        if appraiser.officer == officer:
            raise Conflict("nobody appraises themselves: choose another appraiser")
        if not appraiser.reach(Right.READ_OFFICERS).has(unit):
            raise Conflict(f"{appraiser.name} may not see officers of {unit}")
        return
    appraising = [held for role, held in appraiser.roles if gives(role, Right.APPRAISE)]
    if all(held == unit for held in appraising):
        raise Conflict(f"{appraiser.name} belongs to {unit}: a unit is appraised from above it")


def due(
    step: Step, deadlines: Deadlines, calendar: Calendar, period: Period, now: datetime
) -> datetime:
    """Return until when a step has to be taken: working days after the one before it.

    None of them begins before the period is over. ValueError for a step without a deadline.
    """
    days = {
        Step.SELF_SCORE: deadlines.self_score,
        Step.APPRAISAL: deadlines.appraisal,
        Step.ANSWER: deadlines.answer,
        Step.FINAL: deadlines.final,
    }.get(step)
    if days is None or period.end is None:
        raise ValueError(step)
    last = datetime.combine(_before(period.end), time(), LOCAL_TIME)
    return calendar.due(max(now, last), days)


def _before(day: date) -> date:
    return day - timedelta(days=1)
