"""All live rules at one moment: what explains others is judged before them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from server.alerts.alerts import Alert, Figure, Move, Step
from server.alerts.judging import Held, Judgement, Key, Place, judge
from server.alerts.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When is judged, how many units there are, and which are closed then."""

    now: datetime
    units: int
    closed: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The steps that follow, the conditions that hold from now on, and the errors of rules that
    could not be judged, both by rule.
    """

    moves: tuple[Move, ...]
    held: Mapping[str, Mapping[Key, Held]]
    unjudged: Mapping[str, Exception] = field(default_factory=dict)


def judge_together(
    rules: Iterable[Rule],
    figures: Mapping[str, Sequence[Figure]],
    held: Mapping[str, Mapping[Key, Held]],
    alerts: Sequence[Alert],
    moment: Moment,
    *,
    unread: Mapping[str, Exception] = MappingProxyType({}),
    strict: bool = False,
) -> Together:
    """Return what live rules ask for; `figures` are by source, `alerts` open or closed lately.

    A rule that cannot be judged, for an error in it or because its source is `unread`, is told
    apart, and the others are judged: its conditions stay as they were, it takes no step, and its
    open alerts go on explaining others. `strict` raises instead.
    """
    open_: dict[str, set[str | None]] = {}
    moves: list[Move] = []
    after, unjudged = {}, {}
    for rule in _silencers_first(list(rules)):
        own = [alert for alert in alerts if alert.rule == rule.id]
        place = Place(units=moment.units, silenced=_silenced(rule, open_), closed=moment.closed)
        before = held.get(rule.id, {})
        try:
            known = believed(before, moment.now)
            judged = judge(rule, _read(rule, figures, unread), known, own, place, moment.now)
        except Exception as error:
            if strict:
                raise
            unjudged[rule.id] = error
            judged = Judgement(moves=(), held=before)
        after[rule.id] = judged.held
        moves += judged.moves
        open_[rule.id] = _open_after(own, judged.moves)
    return Together(moves=tuple(moves), held=after, unjudged=unjudged)


def _read(
    rule: Rule, figures: Mapping[str, Sequence[Figure]], unread: Mapping[str, Exception]
) -> Sequence[Figure]:
    if rule.source in unread:
        raise unread[rule.source]
    return figures[rule.source]


def believed(conditions: Mapping[Key, Held], now: datetime) -> dict[Key, Held]:
    """Return the conditions that were not seen in the future.

    A server's clock that was ahead and is right again would else keep a condition waiting until
    the time at which it was thought to begin.
    """
    return {key: each for key, each in conditions.items() if each.since <= now}


def _silencers_first(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules so that what explains others is judged before them."""
    by_id = {rule.id: rule for rule in rules}
    ordered: dict[str, Rule] = {}

    def add(rule: Rule, path: tuple[str, ...] = ()) -> None:
        for other in rule.silenced_by:
            if other in by_id and other not in path:
                add(by_id[other], (*path, rule.id))
        ordered.setdefault(rule.id, rule)

    for rule in rules:
        add(rule)
    return list(ordered.values())


def _silenced(rule: Rule, open_: Mapping[str, set[str | None]]) -> dict[str | None, str]:
    return {unit: other for other in rule.silenced_by for unit in open_.get(other, ())}


def _open_after(alerts: Sequence[Alert], moves: Sequence[Move]) -> set[str | None]:
    found = {alert.unit for alert in alerts if alert.state.is_open}
    for move in moves:
        if move.step in (Step.ENDED, Step.MERGED):
            found.discard(move.unit)
        else:
            found.add(move.unit)
    return found
