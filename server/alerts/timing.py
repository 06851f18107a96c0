"""What time alone asks for: snoozed alerts wake, untaken ones escalate, quiet hours delay. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from contract.local_time import LOCAL_TIME
from server.alerts.alerts import Alert, Move, Severity, State, Step
from server.alerts.rules import Rule
from server.calendars.calendars import HOURS_A_DAY, Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours in which only what is critical is told, in local time; they may go over midnight."""

    start: time
    end: time

    def holds(self, moment: time) -> bool:
        """Return whether a time of day is quiet."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


def not_before(quiet: Quiet | None, severity: Severity, now: datetime) -> datetime:
    """Return when a message may be sent: now, or when the quiet hours end."""
    local = now.astimezone(LOCAL_TIME)
    if quiet is None or severity is Severity.CRITICAL or not quiet.holds(local.time()):
        return now
    end = datetime.combine(local.date(), quiet.end, LOCAL_TIME)
    return end if end > local else end + timedelta(days=1)


def due_steps(
    alerts: Iterable[Alert],
    rules: Mapping[str, Rule],
    calendar_of: Callable[[str | None], Calendar],
    now: datetime,
) -> Sequence[Move]:
    """Return the steps that are due: awakening first, then escalation by working hours.

    Only what nobody has taken escalates, one level at a time, by the hours of its unit.
    """
    moves: list[Move] = []
    for alert in alerts:
        rule = rules.get(alert.rule)
        if alert.state is State.SNOOZED:
            if alert.snoozed_until is not None and alert.snoozed_until <= now:
                moves.append(_move(alert, Step.WOKEN))
            continue
        if alert.state is not State.RAISED or rule is None or alert.escalated >= len(rule.escalate):
            continue
        level = rule.escalate[alert.escalated]
        waited_h = calendar_of(alert.unit).days_between(alert.raised_at, now) * HOURS_A_DAY
        if waited_h >= level.after_h:
            moves.append(_move(alert, Step.ESCALATED, level.to))
    return moves


def _move(alert: Alert, step: Step, note: str = "") -> Move:
    return Move(step=step, rule=alert.rule, unit=alert.unit, alert=alert.id, note=note)
