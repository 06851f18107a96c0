"""What can be contested, who may file and answer, and what an answer does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from server.access.principals import Principal
from server.access.rights import Right
from server.access.roles import gives
from server.errors import Conflict, Forbidden


class Kind(StrEnum):
    """What is contested."""

    FIGURE = "figure"
    RATING = "rating"
    CLASS = "class"


class Effect(StrEnum):
    """What an answer does to what was contested."""

    KEPT = "kept"
    RESTATED = "restated"
    """Of a class by points entered anew, of a figure by records corrected at their source."""
    LEFT_OUT = "left_out"
    """Of a rating: it counts no more, and its row stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What somebody objects to, and why."""

    kind: Kind
    unit: str
    officer: str | None = None
    period: str = ""
    kpi: str | None = None
    scheme: str | None = None
    rating: UUID | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """An objection with what became of it.

    `value_before` and `value_after` are the figure, or the total of the class, when it was filed
    and when it was answered.
    """

    id: UUID
    kind: Kind
    unit: str
    officer: str | None
    period: str
    kpi: str | None
    scheme: str | None
    rating: UUID | None
    reason: str
    filed_by: str
    filed_at: datetime
    value_before: Decimal | None
    value_after: Decimal | None
    assignee: UUID | None
    assignee_name: str | None
    assigned_by: str | None
    assigned_at: datetime | None
    effect: Effect | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


def require_filing(who: Principal, unit: str, officer: str | None) -> None:
    """Raise Forbidden unless the principal may object for the unit, or is the officer."""
    if officer is not None and officer == who.officer:
        return
    if officer is not None and not who.reach(Right.READ_OFFICERS).has(unit):
        raise Forbidden(f"{who.name} may not object for officers of {unit}")
    if not who.reach(Right.CONTEST).has(unit):
        raise Forbidden(f"{who.name} may not object for {unit}")


def require_answering(who: Principal, contest: Contest) -> None:
    """Raise Forbidden unless the contest is given to the principal, who did not file it."""
    if contest.assignee is None or who.account != contest.assignee:
        raise Forbidden("the contest is given to somebody else, or to nobody yet")
    if not who.reach(Right.ANSWER_CONTESTS).has(contest.unit):
        raise Forbidden(f"{who.name} may not answer contests of {contest.unit}")


def require_fit(answerer: Principal, contest: Contest) -> None:
    """Raise Conflict unless the contest can be given to the account.

    Nobody answers their own objection, and a unit's is answered from above it.
    """
    if not answerer.reach(Right.ANSWER_CONTESTS).has(contest.unit):
        raise Conflict(f"{answerer.name} has no role to answer contests of {contest.unit}")
    own = contest.officer is not None and answerer.officer == contest.officer
    if own or answerer.name == contest.filed_by:
        raise Conflict("nobody answers their own objection: choose somebody else")
    answering = [unit for role, unit in answerer.roles if gives(role, Right.ANSWER_CONTESTS)]
    if contest.officer is None and all(unit == contest.unit for unit in answering):
        raise Conflict(
            f"{answerer.name} belongs to {contest.unit}: its objection is answered from above it"
        )


def require_effect(kind: Kind, effect: Effect, *, entries: bool) -> None:
    """Raise Conflict for an effect that this kind of contest cannot have."""
    if effect is Effect.LEFT_OUT and kind is not Kind.RATING:
        raise Conflict(f"a {kind} cannot be left out: keep or restate it")
    if effect is Effect.RESTATED and kind is Kind.RATING:
        raise Conflict("a rating is kept or left out, and never changed")
    if entries and (kind, effect) != (Kind.CLASS, Effect.RESTATED):
        raise Conflict("only a class that is restated takes entries")
    if (kind, effect) == (Kind.CLASS, Effect.RESTATED) and not entries:
        raise Conflict("say in `entries` which points restate the class")
