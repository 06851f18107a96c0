"""Alerts that mean nothing are rare, and what is planted is found soon."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from server.alerts.backtests import would_raise
from server.alerts.library import shipped
from server.alerts.rules import Rule
from tests.prove.planted_faults import FAULTS, WATCHED, WEEKLY, Fault, looks_until_found
from tests.prove.proofs import ALERTS, Proof
from tests.prove.queues import measure_queues
from tests.prove.quiet_years import UNITS, WEEKS, day_off, looks, quiet
from tests.prove.shares import require_at_least, written

MOST_A_WEEK = 3.0
WITHIN, LEAST = 3, 0.8
DRAWS_A_YEAR = 10
"""Planted faults for each quiet year: a fault costs fifteen looks, a year 250."""


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Draw `scale` quiet years and twenty times as many faults of each rule."""
    del folder
    rules = {rule.id: rule for rule in shipped().values() if not rule.is_live}
    assert {fault.rule for fault in (*FAULTS, *WEEKLY)} == rules.keys(), "a rule is not measured"
    figures: dict[str, str] = {}
    total = 0.0
    for rule in rules.values():
        a_week = _false_a_week(rule, scale, seed)
        total += a_week
        run = "none" if a_week == 0 else f"{UNITS / a_week:,.0f} unit-weeks"
        figures[f"{rule.id}: false alerts a week, run length in control"] = f"{a_week:.2f}, {run}"
    queues = measure_queues(scale, seed)
    total += queues.false_a_week
    figures["wait_forecast and nobody_served: false alerts a week"] = f"{queues.false_a_week:.2f}"
    figures[f"all together (aim: at most {MOST_A_WEEK:g} a week)"] = f"{total:.2f} a week"
    # Chance alone: a year has some hundred false alerts, whose count varies by its root.
    weeks = scale * WEEKS
    assert total <= MOST_A_WEEK + 3 * (MOST_A_WEEK / weeks) ** 0.5, f"{total:.2f} a week"
    for fault in (*FAULTS, *WEEKLY):
        rule = rules[fault.rule]
        figures |= _power(rule, fault, scale * DRAWS_A_YEAR, seed)
    return figures | queues.delays


def _false_a_week(rule: Rule, years: int, seed: int) -> float:
    raised = 0
    for number in range(years):
        rng = np.random.default_rng([seed, number, len(rule.id)])
        raised += len(would_raise(rule, quiet(rule, rng), looks(rule), day_off))
    return raised / years / WEEKS


def _power(rule: Rule, fault: Fault, draws: int, seed: int) -> dict[str, str]:
    needed = [
        looks_until_found(rule, fault, np.random.default_rng([seed, number, 7]))
        for number in range(draws)
    ]
    found = [each for each in needed if each is not None]
    soon = sum(each <= WITHIN for each in found)
    if rule.id == "satisfaction_fall":
        require_at_least(soon, draws, LEAST, "a fall of 15 points is found within 3 days")
    middle = f"{np.median(found):.0f}" if found else "–"
    missed = draws - len(found)
    what = f"{rule.id}: {fault.before:g} to {fault.after:g}"
    return {
        f"{what}, found within {WITHIN} looks": written(soon, draws),
        f"{what}, looks until found (middle), missed in {WATCHED}": f"{middle}, {missed}",
    }


PROOF = Proof(
    claim=f"{UNITS} units in years in which nothing is wrong; then one unit with one fault.",
    sources=(
        "server/alerts/charts.py",
        "server/alerts/discovery.py",
        "server/alerts/looks.py",
        "server/alerts/judging.py",
        "server/alerts/rules.py",
        "tests/prove/false_alarms.py",
        "tests/prove/planted_faults.py",
        "tests/prove/queues.py",
        "tests/prove/quiet_years.py",
    ),
    measure=measure,
    small=1,
    full=3,
    page=ALERTS,
)
