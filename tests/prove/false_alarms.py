"""Alerts that mean nothing are rare, and what is planted is found soon."""

from __future__ import annotations

import re
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
from tests.sources import ROOT

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


_CARDS = ROOT / "server" / "alerts" / "measured.toml"
_FALSE = re.compile(r"(?P<rule>\w+): false alerts a week, run length in control")
_FOUND = re.compile(r"(?P<rule>\w+): (?P<before>[\d.]+) to (?P<after>[\d.]+), found within .*")
_LOOKS = re.compile(r"(?P<rule>\w+): .*, looks until found \(middle\), .*")
_DELAY = re.compile(r"(?P<rule>\w+): .*, minutes until raised")


def quoted(figures: Mapping[str, str]) -> Mapping[Path, str]:
    """Return what the rules' cards quote: false alerts, run lengths, power and delays by rule."""
    cards: dict[str, list[str]] = {}
    for name, value in figures.items():
        if found := _FALSE.fullmatch(name):
            a_week, run = value.removesuffix(" unit-weeks").split(", ", 1)
            told = [f"false_a_week = {a_week}"]
            told += [] if run == "none" else [f"run_length_weeks = {run.replace(',', '')}"]
        elif found := _FOUND.fullmatch(name):
            hits, drawn = value.rpartition(", ")[2].split(" of ")
            told = [
                f"fault = {{ before = {found['before']}, after = {found['after']} }}",
                f"found = {hits}",
                f"drawn = {drawn}",
                f"looks = {WITHIN}",
            ]
        elif found := _LOOKS.fullmatch(name):
            middle = value.partition(", ")[0]
            told = [] if middle == "–" else [f"delay_looks = {middle}"]
        elif found := _DELAY.fullmatch(name):
            middle, late = value.removesuffix(")").split(" (95 % within ")
            told = [f"delay_min = {middle}", f"delay_95_min = {late}"]
        else:
            continue
        cards.setdefault(found["rule"], []).extend(told)
    sections = ["\n".join([f"[{rule}]", *lines, ""]) for rule, lines in sorted(cards.items())]
    return {_CARDS: "\n".join([_CARDS_HEAD, *sections])}


_CARDS_HEAD = """\
# What the cards of rules quote of docs/alerts.md; `make prove ARGS=false_alarms` writes both.
# Alerts a week are the province's with nothing wrong, run lengths are weeks of one unit.
"""

PROOF = Proof(
    claim=f"{UNITS} units in years in which nothing is wrong; then one unit with one fault.",
    sources=(
        "server/alerts/charts.py",
        "server/alerts/discovery.py",
        "server/alerts/looks.py",
        "server/alerts/judging.py",
        "server/alerts/rules.py",
        "server/alerts/rules/*.toml",
        "tests/prove/false_alarms.py",
        "tests/prove/planted_faults.py",
        "tests/prove/queues.py",
        "tests/prove/quiet_years.py",
    ),
    measure=measure,
    small=1,
    full=8,
    page=ALERTS,
    quoted=quoted,
)
