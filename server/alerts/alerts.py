"""An alert's life as a state machine: what may follow what, and what is left to people. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self
from uuid import UUID

from server.errors import Conflict


class Severity(StrEnum):
    """How urgent an alert is; `critical` ones are told in quiet hours, too."""

    NOTICE = "notice"
    SERIOUS = "serious"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least urgent."""
        return tuple(Severity).index(self)


class State(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether its cause is thought to last."""
        return self not in (State.RESOLVED, State.WITHDRAWN)


class Step(StrEnum):
    """What happens to an alert. The first four are people's; the rest follow from figures."""

    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    RAISED = "raised"
    RAISED_AGAIN = "raised_again"
    CHANGED = "changed"
    WOKEN = "woken"
    ESCALATED = "escalated"
    ENDED = "ended"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


LATE_DATA = "late_data"
"""How the note of what is withdrawn begins: what came later tells that it was none."""

BY_PEOPLE = (Step.ACKNOWLEDGED, Step.ASSIGNED, Step.SNOOZED, Step.RESOLVED)


class Verdict(StrEnum):
    """What an alert turned out to be, said by whoever closes it."""

    RIGHT = "right"
    FALSE = "false"


_OPEN = frozenset(state for state in State if state.is_open)

_TABLE: Mapping[Step, tuple[frozenset[State], State | None]] = MappingProxyType(
    {
        Step.RAISED: (frozenset(), State.RAISED),
        Step.ACKNOWLEDGED: (frozenset({State.RAISED, State.SNOOZED}), State.ACKNOWLEDGED),
        Step.ASSIGNED: (_OPEN, State.ASSIGNED),
        Step.SNOOZED: (_OPEN, State.SNOOZED),
        Step.WOKEN: (frozenset({State.SNOOZED}), State.RAISED),
        Step.CHANGED: (_OPEN, None),
        Step.ESCALATED: (_OPEN, None),
        Step.RESOLVED: (_OPEN, State.RESOLVED),
        Step.ENDED: (_OPEN, State.RESOLVED),
        Step.MERGED: (_OPEN, State.RESOLVED),
        Step.WITHDRAWN: (_OPEN | {State.RESOLVED}, State.WITHDRAWN),
        Step.RAISED_AGAIN: (frozenset({State.RESOLVED}), State.RAISED),
    }
)
"""From which states a step may be taken, and to which it leads; None leaves the state."""


def follow(state: State | None, step: Step) -> State:
    """Return the state after a step; `state` is None for an alert that is not there yet.

    Raises Conflict for a step that cannot be taken.
    """
    allowed, after = _TABLE[step]
    if state is None:
        if step is Step.RAISED:
            return State.RAISED
        raise Conflict(f"an alert begins by being raised, not {step}")
    if state not in allowed:
        raise Conflict(f"the alert is {state}: it cannot be {step} now")
    return state if after is None else after


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a rule looks at: a value of a unit, or of `subject` within it, with its n and time.

    `value` is None where nothing is known. `unit` is None for the province. `usual` is the range
    in which the value is expected.
    """

    unit: str | None
    value: float | None
    n: int
    at: datetime
    subject: str = ""
    usual_low: float | None = None
    usual_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as it is kept."""

    id: UUID
    rule: str
    unit: str | None
    state: State
    severity: Severity
    raised_at: datetime
    subjects: tuple[str, ...]
    changed_at: datetime
    resolved_at: datetime | None = None
    closed_by_people: bool = False
    snoozed_until: datetime | None = None
    escalated: int = 0
    assignee: str | None = None
    verdict: Verdict | None = None
    value: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    n: int = 0
    observed_at: datetime | None = None

    @property
    def ended_by_itself(self) -> bool:
        """Whether its cause has ended, and nobody has closed it."""
        return self.state is State.RESOLVED and not self.closed_by_people


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A step that figures or time ask for; `alert` is None where a new one is raised."""

    step: Step
    rule: str
    unit: str | None
    alert: UUID | None = None
    subjects: tuple[str, ...] = ()
    figure: Figure | None = None
    note: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What late data say: the figure that was told then, and that of the same minutes since they
    came, the one that speaks most against the alert. None where nothing is known, or may be told.
    """

    then: float | None
    since: float | None

    @property
    def note(self) -> str:
        """The note of the step that withdraws: `late_data then=3 since=0`."""
        said = ("-" if each is None else f"{each:g}" for each in (self.then, self.since))
        return "{} then={} since={}".format(LATE_DATA, *said)

    @classmethod
    def parse(cls, note: str) -> Self | None:
        """Return what a note says of figures, None for any other note."""
        found = _NOTE.fullmatch(note)
        if found is None:
            return None
        then, since = (None if each == "-" else float(each) for each in found.groups())
        return cls(then=then, since=since)


_NOTE = re.compile(rf"{LATE_DATA} then=(-|\S*\d\S*) since=(-|\S*\d\S*)")
