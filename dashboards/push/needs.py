"""Which units need help, why and since when: a rule over live facts, until alerts exist. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType

GROWTH_OVER = timedelta(minutes=15)
"""A queue is compared with itself so long ago: one service takes about five minutes."""
GROWN_BY, LONG_QUEUE = 5, 8
"""People more, and people at all, from which a queue counts as growing."""
FEWEST_UNATTENDED = 2
"""One who waits may be on the way to the counter."""
UNATTENDED_AFTER = timedelta(minutes=3)
"""An officer who fetches papers is back by then."""
CRITICAL_UNATTENDED, CRITICAL_AFTER = 5, timedelta(minutes=15)
"""So many who wait so long with nobody serving: somebody has to act at once."""
LONG_WAIT_S, CRITICAL_WAIT_S = 15 * 60.0, 60 * 60.0
"""The target of a visit's wait (Decision 468/QĐ-TTg, 2025), and four times that."""
FEWEST_DUE = 10
DUE_DAYS = 3.0
"""Working days in which what is due soon has to be done."""
WORKING_DAYS = 20.0
"""In the four weeks that a unit's pace is taken from."""


class Cause(StrEnum):
    """Why a unit needs help; its words are the text `need.<cause>`."""

    NOBODY_CALLED = "nobody_called"
    LONG_WAIT = "long_wait"
    QUEUE_GROWS = "queue_grows"
    SATISFACTION_FELL = "satisfaction_fell"
    DOSSIERS_DUE = "dossiers_due"


class Gravity(IntEnum):
    """How soon somebody has to act."""

    WATCH = 1
    ACT = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with its interval, all 0..1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What is known of a unit at one moment; None where it is not known.

    `satisfied` is today's, `usual` that of the four weeks before; `done` are dossiers that ended in
    those weeks.
    """

    scope: str
    waiting: float | None = None
    open_counters: float | None = None
    expected_wait_s: float | None = None
    satisfied: Share | None = None
    usual: Share | None = None
    due_soon: float | None = None
    done: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Why a unit needs help since when; `figures` are those that its words name."""

    scope: str
    cause: Cause
    gravity: Gravity
    since: datetime
    figures: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the rule remembers: since when each cause holds, and the queues of a quarter hour."""

    since: Mapping[tuple[str, Cause], datetime] = field(
        default_factory=lambda: MappingProxyType({})
    )
    queues: tuple[tuple[datetime, Mapping[str, float]], ...] = ()


def assess(
    facts: Sequence[UnitFacts], memory: Memory, now: datetime
) -> tuple[tuple[Need, ...], Memory]:
    """Return one need for each unit that has any, the gravest first, and what to remember.

    Among equally grave ones the oldest comes first. A cause that is gone is forgotten.
    """
    before = _queues_before(memory, now)
    holding: dict[tuple[str, Cause], datetime] = {}
    needs: list[Need] = []
    for each in facts:
        own: list[Need] = []
        for cause, gravity, figures in _causes(each, before.get(each.scope)):
            since = memory.since.get((each.scope, cause), now)
            holding[each.scope, cause] = since
            need = Need(
                scope=each.scope, cause=cause, gravity=gravity, since=since, figures=figures
            )
            own += _when_due(need, now)
        if own:
            needs.append(max(own, key=lambda need: (need.gravity, -need.since.timestamp())))
    queues = {each.scope: each.waiting for each in facts if each.waiting is not None}
    remembered = Memory(since=holding, queues=_remember(memory, queues, now))
    return tuple(
        sorted(needs, key=lambda need: (-need.gravity, need.since, need.scope))
    ), remembered


def _causes(
    facts: UnitFacts, waiting_before: float | None
) -> Iterator[tuple[Cause, Gravity, dict[str, float]]]:
    """Yield the causes that hold, without regard to how long they do."""
    waiting = facts.waiting or 0.0
    if waiting >= FEWEST_UNATTENDED and facts.open_counters == 0:
        yield Cause.NOBODY_CALLED, Gravity.ACT, {"waiting": waiting}
    if facts.expected_wait_s is not None and facts.expected_wait_s > LONG_WAIT_S and waiting:
        grave = facts.expected_wait_s > CRITICAL_WAIT_S
        figures = {"wait_s": facts.expected_wait_s, "waiting": waiting}
        yield Cause.LONG_WAIT, Gravity.ACT if grave else Gravity.WATCH, figures
    grown = waiting - (waiting if waiting_before is None else waiting_before)
    if waiting >= LONG_QUEUE and grown >= GROWN_BY:
        yield Cause.QUEUE_GROWS, Gravity.ACT, {"waiting": waiting, "grown": grown}
    if facts.satisfied and facts.usual and facts.satisfied.high < facts.usual.low:
        figures = {"today": facts.satisfied.value, "usual": facts.usual.value}
        yield Cause.SATISFACTION_FELL, Gravity.WATCH, figures
    if facts.due_soon is not None and facts.done is not None and facts.due_soon >= FEWEST_DUE:
        a_day = facts.done / WORKING_DAYS
        if facts.due_soon > DUE_DAYS * a_day:
            yield Cause.DOSSIERS_DUE, Gravity.WATCH, {"due": facts.due_soon, "a_day": a_day}


def _when_due(need: Need, now: datetime) -> Iterator[Need]:
    """Yield the need once it has lasted long enough, graver once it has lasted long."""
    if need.cause is not Cause.NOBODY_CALLED:
        yield need
        return
    lasted = now - need.since
    if lasted < UNATTENDED_AFTER:
        return
    critical = lasted >= CRITICAL_AFTER and need.figures["waiting"] >= CRITICAL_UNATTENDED
    yield Need(
        scope=need.scope,
        cause=need.cause,
        gravity=Gravity.CRITICAL if critical else need.gravity,
        since=need.since,
        figures=need.figures,
    )


_KEPT_EVERY = timedelta(minutes=1)


def _queues_before(memory: Memory, now: datetime) -> Mapping[str, float]:
    """Return the queues a quarter of an hour ago, the oldest known ones while it is less."""
    old = [queues for at, queues in memory.queues if now - at >= GROWTH_OVER]
    if old:
        return old[-1]
    return memory.queues[0][1] if memory.queues else {}


def _remember(
    memory: Memory, queues: Mapping[str, float], now: datetime
) -> tuple[tuple[datetime, Mapping[str, float]], ...]:
    """Return the queues of the last quarter of an hour, one a minute."""
    kept = [each for each in memory.queues if each[0] <= now]
    while len(kept) > 1 and now - kept[1][0] >= GROWTH_OVER:
        del kept[0]
    if not kept or now - kept[-1][0] >= _KEPT_EVERY:
        kept.append((now, queues))
    return tuple(kept)
