"""Halls minute by minute: quiet ones raise nothing, a surge or an empty counter is found soon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np

from runtime.expected_wait import expected_wait
from server.alerts.alerts import Alert, Figure, State, Step
from server.alerts.judging import Held, Key, Place, judge
from server.alerts.library import shipped
from server.alerts.rules import Rule

PROVINCE, HALLS, COUNTERS = 113, 40, 3
SERVICE_MIN = 6.0
QUIET_LOAD, SURGE_LOAD = 0.36, 1.6
"""A commune's 80 visitors a day at three counters are a load of 0.36."""

SHORT_MIN = 10.0
"""Who joins a queue that was told of and waits less shows that it was told of for nothing."""

DAY_MIN = 450
STEP = timedelta(minutes=1)
PLACE = Place(units=HALLS, silenced={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """False alerts a week of the province, and delays of what was planted."""

    false_a_week: float
    delays: Mapping[str, str]


def measure_queues(scale: int, seed: int) -> Queues:
    """Draw `scale` quiet days of forty halls, and as many surges and empty counters as halls."""
    rules = [shipped()["wait_forecast"], shipped()["nobody_served"]]
    quiet = [
        each
        for day in range(scale)
        for rule in rules
        for each in _day(rule, np.random.default_rng([seed, day, 11]), QUIET_LOAD, COUNTERS)
    ]
    false = sum(each.waited_min < SHORT_MIN for each in quiet)
    drawn = np.random.default_rng([seed, 12])
    surge = [each.minute for each in _day(rules[0], drawn, SURGE_LOAD, COUNTERS)]
    empty = [each.minute for each in _day(rules[1], drawn, QUIET_LOAD, 0)]
    return Queues(
        false_a_week=false * 5 * PROVINCE / HALLS / scale,
        delays={
            f"wait_forecast: load {SURGE_LOAD:g} from the morning on, minutes until raised": _told(
                surge
            ),
            "nobody_served: nobody at the counters, minutes until raised": _told(empty),
        },
    )


def _told(raised_min: list[int]) -> str:
    missed = HALLS - len(raised_min)
    assert len(raised_min) >= 0.95 * HALLS, f"{missed} of {HALLS} were missed"
    return f"{np.median(raised_min):.0f} (95 % within {np.quantile(raised_min, 0.95):.0f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert: at which minute, and how long who joined the queue then waited."""

    minute: int
    waited_min: float


def _day(rule: Rule, rng: np.random.Generator, load: float, open_: int) -> list[Raised]:
    """Return a day's alerts; services have a standard deviation of 0.6 means."""
    arriving = load * COUNTERS / SERVICE_MIN
    waiting = np.zeros(HALLS, dtype=int)
    left_min = np.zeros((HALLS, open_))
    called = np.zeros((DAY_MIN, HALLS), dtype=int)
    services = 60 * _services(rng, (HALLS, 20))
    held: dict[Key, Held] = {}
    alerts: dict[str | None, Alert] = {}
    raised: list[tuple[int, int, int]] = []
    now = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
    for minute in range(DAY_MIN):
        now += STEP
        waiting += rng.poisson(arriving, HALLS)
        left_min -= 1
        for counter in range(open_):
            begins = (left_min[:, counter] <= 0) & (waiting > 0)
            left_min[begins, counter] += _services(rng, (int(begins.sum()),))
            waiting, called[minute] = waiting - begins, called[minute] + begins
        left_min = np.maximum(left_min, 0)
        serving = (left_min > 0).sum(axis=1)
        figures = [
            Figure(
                unit=f"h{hall}",
                value=_value(rule, int(waiting[hall]), int(serving[hall]), open_, services[hall]),
                n=20,
                at=now,
            )
            for hall in range(HALLS)
        ]
        judged = judge(rule, figures, held, list(alerts.values()), PLACE, now)
        held = dict(judged.held)
        for move in judged.moves:
            if move.step is Step.RAISED:
                hall = int((move.unit or "h0")[1:])
                raised.append((minute, hall, int(waiting[hall])))
                alerts[move.unit] = _alert(rule, move.unit, now)
            else:
                state = State.RAISED if move.step is Step.RAISED_AGAIN else State.RESOLVED
                ended = None if state.is_open else now
                alerts[move.unit] = replace(
                    alerts[move.unit], state=state, changed_at=now, resolved_at=ended
                )
    return [
        Raised(minute=at + 1, waited_min=_waited_min(called[at + 1 :, hall], ahead))
        for at, hall, ahead in raised
    ]


def _waited_min(called: np.ndarray, ahead: int) -> float:
    """Return until when as many were called as stood ahead, and one more; inf for not that day."""
    reached = np.flatnonzero(np.cumsum(called) > ahead)
    return float(reached[0] + 1) if len(reached) else float("inf")


def _services(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw services in minutes."""
    return rng.gamma(1 / 0.6**2, 0.6**2 * SERVICE_MIN, shape)


def _value(
    rule: Rule, waiting: int, serving: int, open_: int, services_s: np.ndarray
) -> float | None:
    if rule.source == "nobody_served":
        return 0.0 if serving else float(waiting)
    found = expected_wait(
        queue=waiting,
        open_counters=open_,
        busy_counters=serving,
        service_times_s=tuple(services_s),
    )
    return None if found is None else found.wait_s


def _alert(rule: Rule, unit: str | None, now: datetime) -> Alert:
    return Alert(
        id=uuid4(),
        rule=rule.id,
        unit=unit,
        state=State.RAISED,
        severity=rule.severity,
        raised_at=now,
        changed_at=now,
        subjects=(),
    )
