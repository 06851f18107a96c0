"""One unit of a quiet province in which something is planted: how soon a rule finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from scipy.special import expit, logit

from server.alerts.backtests import would_raise
from server.alerts.rules import Rule
from server.periods import Step
from tests.prove.quiet_years import HABITS, Habit, day_off, quiet

WATCHED = 10
"""Looks after which a fault that was not found counts as missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is planted: a share's level before and after, at so many cases a day, or a rise of a
    weekly figure."""

    rule: str
    before: float
    after: float
    cases: float


FAULTS = (
    Fault(rule="satisfaction_fall", before=0.85, after=0.70, cases=30),
    Fault(rule="suspect_ratings", before=0.04, after=0.24, cases=30),
    Fault(rule="prompts_skipped", before=0.85, after=0.60, cases=80),
    Fault(rule="abandonment_rise", before=0.06, after=0.21, cases=80),
)
WEEKLY = (
    Fault(rule="dossiers_overdue_rising", before=8, after=28, cases=100),
    Fault(rule="expression_drifting", before=0.02, after=0.22, cases=100),
)


def looks_until_found(rule: Rule, fault: Fault, rng: np.random.Generator) -> int | None:
    """Return after how many looks the fault is raised, None where it is not in WATCHED looks.

    The first look comes on the first day with the fault. What was raised in the unit before it
    does not count: an alert that is open then would hide how good the rule is, so that such draws
    are drawn again.
    """
    while True:
        found = _once(rule, fault, rng)
        if found != 0:
            return found


def _once(rule: Rule, fault: Fault, rng: np.random.Generator) -> int | None:
    calm = quiet(rule, rng)
    worked = [day for day in calm.days if rule.step is Step.WEEK or not day_off(day)]
    start = rule.baseline + 4 if rule.step is Step.WEEK else 5 * rule.baseline + 20
    begins = worked[start]
    later = np.array([day >= begins for day in calm.days])
    value, n = calm.value.copy(), calm.n.copy()
    if rule.step is Step.WEEK:
        value[0] = _weekly(rule, fault, later, value[0], rng)
    else:
        n[0], value[0] = _daily(HABITS[rule.id], fault, later, n[0], rng)
    series = replace(calm, value=value, n=n)
    week = timedelta(days=7)
    looks: Sequence[date] = (
        [begins + number * week for number in range(-2, WATCHED + 1)]
        if rule.step is Step.WEEK
        else worked[start - 5 : start + WATCHED]
    )
    raised = [
        each.raised_on for each in would_raise(rule, series, looks, day_off) if each.unit == "u000"
    ]
    first = begins + week if rule.step is Step.WEEK else begins
    if any(day < first for day in raised):
        return 0
    after = [day for day in looks if day >= first]
    return after.index(raised[0]) + 1 if raised else None


def _daily(
    habit: Habit, fault: Fault, later: np.ndarray, n: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    level = np.where(later, fault.after, fault.before)
    own = expit(logit(level) + rng.normal(0, habit.restless, len(level)))
    counts = rng.poisson(fault.cases, len(level)) * (n > 0)
    return counts.astype(float), rng.binomial(counts, own) / np.maximum(counts, 1)


def _weekly(
    rule: Rule, fault: Fault, later: np.ndarray, quiet: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    del rule
    scaled = quiet * fault.before / max(quiet.mean(), 1e-9)
    rise = fault.after - fault.before
    risen = scaled + (rng.poisson(rise, len(quiet)) if rise > 1 else rise)
    return np.where(later, risen, scaled)
