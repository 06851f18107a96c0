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

HALLS, COUNTERS = 113, 3
SERVICE_MIN = 6.0
QUIET_LOAD, SURGE_LOAD = 0.6, 1.6
"""A commune's 80 visitors a day at three counters are a load of 0.4; a busy ward's of 0.7."""

DAY_MIN = 450
STEP = timedelta(minutes=1)
PLACE = Place(units=HALLS, silenced={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """False alerts a week of the province, and delays of what was planted."""

    false_a_week: float
    delays: Mapping[str, str]


def measure_queues(scale: int, seed: int) -> Queues:
    """Draw `scale` quiet weeks of every hall, and as many surges and empty counters as halls."""
    rules = [shipped()["wait_forecast"], shipped()["nobody_served"]]
    false = sum(
        len(_day(rule, np.random.default_rng([seed, day, 11]), QUIET_LOAD, COUNTERS))
        for day in range(5 * scale)
        for rule in rules
    )
    surge = _day(rules[0], np.random.default_rng([seed, 12]), SURGE_LOAD, COUNTERS)
    empty = _day(rules[1], np.random.default_rng([seed, 13]), QUIET_LOAD, 0)
    return Queues(
        false_a_week=false / scale,
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


def _day(rule: Rule, rng: np.random.Generator, load: float, open_: int) -> list[int]:
    """Return the minutes at which a day's alerts were raised: arrivals and services by chance."""
    arriving = load * COUNTERS / SERVICE_MIN
    waiting = np.zeros(HALLS, dtype=int)
    serving = np.zeros(HALLS, dtype=int)
    services = rng.exponential(60 * SERVICE_MIN, (HALLS, 8))
    held: dict[Key, Held] = {}
    alerts: dict[str | None, Alert] = {}
    raised: list[int] = []
    now = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
    for minute in range(DAY_MIN):
        now += STEP
        waiting += rng.poisson(arriving, HALLS)
        serving -= rng.binomial(serving, 1 - np.exp(-1 / SERVICE_MIN))
        called = np.minimum(open_ - serving, waiting)
        waiting, serving = waiting - called, serving + called
        figures = [
            Figure(
                unit=f"h{hall}",
                value=_value(rule, int(waiting[hall]), int(serving[hall]), open_, services[hall]),
                n=8,
                at=now,
            )
            for hall in range(HALLS)
        ]
        judged = judge(rule, figures, held, list(alerts.values()), PLACE, now)
        held = dict(judged.held)
        for move in judged.moves:
            if move.step is Step.RAISED:
                raised.append(minute + 1)
                alerts[move.unit] = _alert(rule, move.unit, now)
            else:
                state = State.RAISED if move.step is Step.RAISED_AGAIN else State.RESOLVED
                ended = None if state.is_open else now
                alerts[move.unit] = replace(
                    alerts[move.unit], state=state, changed_at=now, resolved_at=ended
                )
    return raised


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
