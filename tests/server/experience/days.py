"""Months of visits for tests: drawn by other rules than those by which they are judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from server.experience.fitting import MonthFit
from server.experience.visits import Visits
from server.facts.experience import ExperienceTotals, Model, Silent

MONTH = date(2026, 10, 1)


def draw_visits(seed: int = 1, *, units: int = 12, each: int = 200, rate: float = 0.4) -> Visits:
    """Return a month in which long waits annoy, faces show it, and some units are better."""
    chance = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), each)
    wait_s = chance.exponential(500, unit.size)
    felt = chance.normal(0.7, 0.5, unit.size) + chance.uniform(-0.4, 0.4, units)[unit]
    felt -= np.where(wait_s > 900, 0.8, 0)
    score = 1 + (felt[:, None] > np.array([-0.8, -0.3, 0.1, 0.8])).sum(axis=1)
    rated = chance.random(unit.size) < rate
    return Visits(
        unit=unit,
        units=units,
        day=np.tile(np.arange(each) // 10, units),
        expression=np.tanh(felt - 0.5 + chance.normal(0, 0.4, unit.size)),
        change=chance.normal(0, 0.2, unit.size),
        wait_s=wait_s,
        service_s=chance.uniform(60, 900, unit.size),
        hour=chance.uniform(7.5, 17, unit.size),
        score=np.where(rated, score, 0),
        fold=chance.integers(0, 5, unit.size),
    )


def changed(visits: Visits, **columns: Any) -> Visits:
    """Return the visits with some columns replaced; a number stands in every row."""
    whole: dict[str, Any] = {
        name: np.full(visits.unit.size, value) for name, value in columns.items()
    }
    return replace(visits, **whole)


def totals_of(fit: MonthFit, *units: int) -> ExperienceTotals:
    """Return the month's totals of these units, as the database gives them."""
    effects = fit.effects
    model = Model(
        kind="ward", mean_variance=effects.mean_variance, faces_share=fit.link.faces_share
    )
    found = ExperienceTotals()
    for day in fit.days:
        if day.unit not in units:
            continue
        silent = Silent(
            visits=day.visits - day.rated,
            effect=float(effects.unit[day.unit]),
            own_variance=float(effects.own_variance[day.unit]),
            leaning=float(effects.leaning[day.unit]),
            model=model,
        )
        found += ExperienceTotals(
            visits=day.visits,
            rated=day.rated,
            satisfied=day.satisfied,
            expected=day.expected,
            variance=day.variance,
            worse=day.worse,
            better=day.better,
            silent={(str(day.unit), MONTH): silent},
        )
    return found
