"""What the API says of alerts and their rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert; `unit` is None for the province, `value` where an opinion is behind it.

    `to` are the groups that were told, `given_up` counts the messages that did not arrive.
    """

    id: str
    rule: str
    name_vi: str
    name_en: str
    severity: str
    state: str
    raised_at: datetime
    n: int
    unit: str | None = None
    assignee: str | None = None
    resolved_at: datetime | None = None
    snoozed_until: datetime | None = None
    verdict: str | None = None
    measure: str = "count"
    value: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    subjects: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    given_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Alerts, the newest change first."""

    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A figure at a time; None where it is withheld."""

    at: datetime
    n: int
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The range of a figure at the same weekday and hour in the closed weeks before."""

    low: float
    high: float
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """What became of closed alerts of the same rule; `here` are those of the same unit."""

    right: int
    false: int
    unjudged: int
    right_here: int
    false_here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step of an alert's history; without `actor` nobody says who took it."""

    step: str
    at: datetime
    actor: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was told to a channel, and how that went; `receipt` is what the channel answered.

    `uncertain`: the channel had all of it at an attempt, and did not answer.
    """

    id: str
    channel: str
    created_at: datetime
    attempts: int
    sent_at: datetime | None = None
    receipt: str | None = None
    dead_at: datetime | None = None
    problem: str | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """The figure that was told, and that of the same minutes with what came late."""

    then: float | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertExplained:
    """An alert with everything that says why."""

    alert: Alert
    points: tuple[Point, ...]
    shows: str
    runbook: Said
    similar: Similar
    steps: tuple[StepTaken, ...]
    messages: tuple[Message, ...] = ()
    usual: Usual | None = None
    contradiction: Contradiction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a page shows of a rule."""

    id: str
    name: Said
    runbook: Said
    severity: str
    valid_from: date
    version: int
    enabled: bool
    chart: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The level of a figure before and after a fault that was planted."""

    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What simulation found of a rule, as far as it was measured."""

    false_a_week: float | None = None
    run_length_weeks: float | None = None
    fault: Fault | None = None
    found: int | None = None
    drawn: int | None = None
    looks: int | None = None
    delay_looks: float | None = None
    delay_min: float | None = None
    delay_95_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInForce:
    """A rule that holds, and whether the province has changed it."""

    rule: Rule
    changed: bool
    measure: str = "count"
    measured: Measured | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a rule, and its file since."""

    number: int
    changed_at: datetime
    changed_by: str
    reason: str
    toml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWithHistory:
    """A rule that holds, its file and its changes, the newest first."""

    rule: Rule
    toml: str
    changes: tuple[Change, ...]
    measured: Measured | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldRaise:
    """An alert that a rule would have raised; `unit` is "" for the province."""

    unit: str
    raised_on: date
    ended_on: date | None = None
    raised_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a rule would have raised in some weeks; of `days_unknown` days nothing is kept."""

    raised: tuple[WouldRaise, ...]
    weeks: float
    a_week: float
    days_unknown: int = 0
