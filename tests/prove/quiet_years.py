"""Years of a province in which nothing is wrong, for rules of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.special import expit, logit

from server.alerts.backtests import look_days
from server.alerts.looks import Series
from server.alerts.rules import Rule
from server.calendars.calendars import Calendar, Rules
from server.calendars.holidays import VietnameseHolidays

UNITS = 113
FIRST = date(2026, 1, 5)
WEEKS = 52
LEAD_WEEKS = 27
"""Before the year, so that its first look has a whole baseline."""

CALENDAR = Calendar(Rules(), VietnameseHolidays())


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a share behaves where nothing is wrong: the units' mean and spread, cases a day of the
    middle unit, and the standard deviation of a day's own log-odds; of a weekday's half as much."""

    mean: float
    spread: float
    cases: float
    restless: float


HABITS: Mapping[str, Habit] = {
    "satisfaction_fall": Habit(mean=0.86, spread=0.05, cases=40, restless=0.15),
    "suspect_ratings": Habit(mean=0.04, spread=0.02, cases=40, restless=0.2),
    "prompts_skipped": Habit(mean=0.85, spread=0.05, cases=80, restless=0.25),
    "abandonment_rise": Habit(mean=0.06, spread=0.03, cases=80, restless=0.25),
}
"""Of satisfaction the level of SIPAS 2024 (83.94 %) and above; cases as DOMAIN's communes have."""


def day_off(day: date) -> bool:
    """Return whether nobody works on a day."""
    return not CALENDAR.is_worked(day)


def days_of_a_year() -> tuple[date, ...]:
    """Return the days that a year of looks needs, its lead included."""
    first = FIRST - timedelta(weeks=LEAD_WEEKS)
    return tuple(first + timedelta(days=n) for n in range(7 * (WEEKS + LEAD_WEEKS)))


def shares(habit: Habit, rng: np.random.Generator) -> Series:
    """Return a quiet year of shares by day: binomial, with days that differ a little."""
    days = days_of_a_year()
    level = logit(_beta(rng, habit.mean, habit.spread, (UNITS, 1)))
    weekday = rng.normal(0, habit.restless / 2, (UNITS, 7))[:, [day.weekday() for day in days]]
    own = expit(level + weekday + rng.normal(0, habit.restless, (UNITS, len(days))))
    busy = habit.cases * np.exp(rng.normal(0, 0.5, (UNITS, 1)))
    worked = np.array([not day_off(day) for day in days])
    n = rng.poisson(np.broadcast_to(busy, own.shape)) * worked
    value = rng.binomial(n, own) / np.maximum(n, 1)
    return Series(units=_names(), days=days, value=value, n=n.astype(float))


def weeks_of(rule: Rule, rng: np.random.Generator) -> Series:
    """Return a quiet year by week: stocks of overdue dossiers that follow the week before, or an
    index of drift that is never negative."""
    weeks = days_of_a_year()[::7]
    shape = (UNITS, len(weeks))
    if rule.source == "expression_drift":
        value = 0.02 * rng.chisquare(2, shape) / 2
    else:
        mean = 8 * np.exp(rng.normal(0, 0.7, (UNITS, 1)))
        value = np.empty(shape)
        stock = rng.poisson(mean[:, 0]).astype(float)
        for index in range(shape[1]):
            # Most of a week's overdue dossiers are dealt with within it; the rest stay.
            stock = rng.binomial(stock.astype(int), 0.3) + rng.poisson(0.7 * mean[:, 0])
            value[:, index] = stock
    return Series(units=_names(), days=tuple(weeks), value=value, n=np.full(shape, 100.0))


def quiet(rule: Rule, rng: np.random.Generator) -> Series:
    """Return a quiet year as the rule needs it."""
    return shares(HABITS[rule.id], rng) if rule.id in HABITS else weeks_of(rule, rng)


def looks(rule: Rule) -> tuple[date, ...]:
    """Return the days of a year on which the rule looks."""
    return tuple(look_days(rule, FIRST, FIRST + timedelta(days=7 * WEEKS - 1), day_off))


def _names() -> tuple[str, ...]:
    return tuple(f"u{number:03}" for number in range(UNITS))


def _beta(
    rng: np.random.Generator, mean: float | np.ndarray, sd: float, shape: tuple[int, ...]
) -> np.ndarray:
    """Draw shares with a mean and a standard deviation, which a beta distribution bounds."""
    mean = np.broadcast_to(mean, shape)
    variance = np.minimum(sd**2, 0.9 * mean * (1 - mean))
    size = mean * (1 - mean) / variance - 1
    return rng.beta(mean * size, (1 - mean) * size)
