"""What the API answers about alerts and their rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection

from contract.readings import Measure
from server.access.principals import Principal, Reach
from server.access.rights import Right
from server.alerts.alerts import Alert, Contradiction, Severity, State, Verdict
from server.alerts.baselines import Usual
from server.alerts.opinions import figure_of
from server.alerts.points import Point, read_points, read_usual, shown_around
from server.alerts.rules import SOURCES, Rule, Said
from server.alerts.store import (
    Message,
    Similar,
    StepTaken,
    read_messages,
    read_similar,
    read_steps,
)
from server.scopes import PROVINCE


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """An alert in the list; `unit` is left out for the province.

    `to` are the groups that were told. The value and its usual range are of `measure`. `given_up`
    counts the messages about it that did not arrive and are not tried again, in the list alone.
    """

    id: UUID
    rule: str
    name_vi: str
    name_en: str
    unit: str | None = None
    severity: Severity
    state: State
    raised_at: datetime
    changed_at: datetime
    resolved_at: datetime | None = None
    snoozed_until: datetime | None = None
    assignee: str | None = None
    verdict: Verdict | None = None
    subjects: tuple[str, ...]
    to: tuple[str, ...]
    measure: str
    value: float | None = None
    usual_low: float | None = None
    usual_high: float | None = None
    n: int
    given_up: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Alerts, the newest change first; ask on with `before` where there are 500."""

    computed_at: datetime
    alerts: tuple[AlertSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertExplained:
    """An alert with why: points around the moment, what to do, what similar ones turned out to be.

    `contradiction` are the figures of one that late data contradict, then and since.
    `shows` names what the points are of, and `usual` is the range of that at the same weekday and
    hour, where it is a queue.
    The figure of an opinion is made of the points, which withhold what would tell of few.
    """

    alert: AlertSeen
    source: str
    chart: str
    shows: str
    points: tuple[Point, ...]
    usual: Usual | None = None
    runbook: Said
    similar: Similar
    steps: tuple[StepTaken, ...]
    messages: tuple[Message, ...]
    contradiction: Contradiction | None = None


def sees(who: Principal, right: Right, unit: str | None) -> bool:
    """Return whether a right holds at an alert's place; the province's is of who has it there."""
    return who.may(right, PROVINCE) if unit is None else who.reach(right).has(unit)


def seen(alert: Alert, rule: Rule | None, *, names: bool) -> AlertSeen:
    """Return an alert as it is listed; of a rule that is gone its id stands for the name.

    Without `names` nobody is told who takes care of it.
    """
    return AlertSeen(
        id=alert.id,
        rule=alert.rule,
        name_vi=alert.rule if rule is None else rule.name.vi,
        name_en=alert.rule if rule is None else rule.name.en,
        unit=alert.unit,
        severity=alert.severity,
        state=alert.state,
        raised_at=alert.raised_at,
        changed_at=alert.changed_at,
        resolved_at=alert.resolved_at,
        snoozed_until=alert.snoozed_until,
        assignee=alert.assignee if names else None,
        verdict=alert.verdict,
        subjects=alert.subjects,
        to=() if rule is None else _told(alert, rule),
        measure=str(Measure.COUNT if rule is None else SOURCES[rule.source].measure),
        value=alert.value,
        usual_low=alert.usual_low,
        usual_high=alert.usual_high,
        n=alert.n,
    )


def _told(alert: Alert, rule: Rule) -> tuple[str, ...]:
    """Return who has been told: those whom the rule names, and whom the alert has gone up to."""
    higher = (each.to for each in rule.escalate[: alert.escalated])
    return tuple(dict.fromkeys((*rule.to, *higher)))


async def explain(
    connection: AsyncConnection,
    alert: Alert,
    rule: Rule,
    now: datetime,
    reach: Reach,
    *,
    names: bool,
) -> AlertExplained:
    """Return an alert with everything that says why."""
    points = await read_points(connection, alert, rule, now, reach)
    steps = await read_steps(connection, alert.id)
    return AlertExplained(
        alert=seen(_with_figure(alert, rule, points), rule, names=names),
        source=rule.source,
        chart=str(rule.chart),
        shows=shown_around(rule),
        usual=await read_usual(connection, alert, rule),
        points=points,
        runbook=rule.runbook,
        similar=await read_similar(connection, alert),
        steps=tuple(each if names else replace(each, actor="", note="") for each in steps),
        contradiction=next(filter(None, (Contradiction.parse(each.note) for each in steps)), None),
        messages=tuple(await read_messages(connection, alert.id)) if names else (),
    )


def _with_figure(alert: Alert, rule: Rule, points: Sequence[Point]) -> Alert:
    """Return an alert about opinions with the figure that its points tell; others as they are."""
    if not SOURCES[rule.source].opinion:
        return alert
    found = figure_of(rule, points, alert.raised_at)
    if found is None:
        return alert
    return replace(
        alert,
        value=found.value,
        usual_low=found.usual_low,
        usual_high=found.usual_high,
        n=found.n,
    )
