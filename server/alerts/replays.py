"""What live rules would have raised: figures of past moments judged one after another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from contract.local_time import LOCAL_TIME
from server.alerts.alerts import Alert, Figure, Move, State, Step, follow
from server.alerts.backtests import WouldRaise
from server.alerts.judgements import Moment, judge_together
from server.alerts.judging import Held, Key
from server.alerts.rules import Rule

_REMEMBERED = timedelta(days=1)
"""For so long a judgement knows of a closed alert; the statement of live ones says so, too."""

_NAMES = UUID("4f0c5a7e-7e0e-4f0e-8d0c-6a2b7a1f0d55")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that would have been taken, of which alert and when."""

    at: datetime
    alert: UUID
    move: Move


class Replay:
    """Judges as the worker does, and remembers what that keeps in the database."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._held: Mapping[str, Mapping[Key, Held]] = {}
        self._alerts: dict[UUID, Alert] = {}
        self.taken: list[Taken] = []

    def judge(self, figures: Mapping[str, Sequence[Figure]], moment: Moment) -> None:
        """Take the steps that follow from the figures of a moment."""
        known = {
            id_: alert
            for id_, alert in self._alerts.items()
            if alert.state.is_open or alert.changed_at > moment.now - _REMEMBERED
        }
        self._alerts = known
        rules, alerts = self._rules.values(), list(known.values())
        judged = judge_together(rules, figures, self._held, alerts, moment, strict=True)
        self._held = judged.held
        for move in judged.moves:
            self._take(move, moment.now)

    def stands(self, rule: str, unit: str | None) -> bool:
        """Return whether a rule's alert of a unit, None for the province, is open."""
        return any(
            alert.rule == rule and alert.unit == unit and alert.state.is_open
            for alert in self._alerts.values()
        )

    def _take(self, move: Move, now: datetime) -> None:
        id_ = move.alert or uuid5(_NAMES, str(len(self.taken)))
        self._alerts[id_] = _after(self._alerts.get(id_), move, self._rules[move.rule], id_, now)
        self.taken.append(Taken(at=now, alert=id_, move=move))


def alerts_of(taken: Iterable[Taken], rule: str) -> tuple[WouldRaise, ...]:
    """Return the alerts of one rule: one that was raised again is one."""
    found: dict[UUID, WouldRaise] = {}
    for each in taken:
        if each.move.rule != rule:
            continue
        on = each.at.astimezone(LOCAL_TIME).date()
        match each.move.step:
            case Step.RAISED:
                unit = each.move.unit or ""
                found[each.alert] = WouldRaise(unit=unit, raised_on=on, raised_at=each.at)
            case Step.RAISED_AGAIN:
                found[each.alert] = replace(found[each.alert], ended_on=None, ended_at=None)
            case Step.ENDED | Step.MERGED:
                found[each.alert] = replace(found[each.alert], ended_on=on, ended_at=each.at)
    return tuple(found.values())


def _after(before: Alert | None, move: Move, rule: Rule, id_: UUID, now: datetime) -> Alert:
    if before is None:
        return Alert(
            id=id_,
            rule=rule.id,
            unit=move.unit,
            state=State.RAISED,
            severity=rule.severity,
            raised_at=now,
            changed_at=now,
            subjects=move.subjects,
        )
    state = follow(before.state, move.step)
    return replace(
        before,
        state=state,
        changed_at=now,
        resolved_at=None if state.is_open else now,
        raised_at=now if move.step is Step.RAISED_AGAIN else before.raised_at,
        subjects=move.subjects or before.subjects,
    )
