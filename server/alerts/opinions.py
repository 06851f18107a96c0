"""What is told of an alert about opinions: made of the readings that whoever asks sees. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np

from server.alerts.alerts import Figure
from server.alerts.charts import p_prime, xmr
from server.alerts.rules import Chart, Rule

LEAST_POINTS = 10
"""Fewer days or weeks before tell no usual range, as of any control chart."""


class Reading(Protocol):
    """A figure of a day or week; without a value where it is withheld."""

    @property
    def at(self) -> datetime:
        """When it began."""

    @property
    def value(self) -> float | None:
        """The figure."""

    @property
    def n(self) -> int:
        """The cases behind it."""


def figure_of(rule: Rule, readings: Sequence[Reading], raised_at: datetime) -> Figure | None:
    """Return the newest readings until an alert with the usual range of those before, in one.

    They are the days, or the week, that the look was about, as far as they are not withheld; a
    function of them tells nothing that they do not. None where too little is seen.
    """
    told = [each for each in readings if each.value is not None and each.at <= raised_at]
    count = rule.window if rule.chart is Chart.SHARE else 1
    before, newest = told[:-count], told[-count:]
    if len(before) < LEAST_POINTS:
        return None
    value = np.array([each.value for each in before], dtype=np.float64)
    n = np.array([each.n for each in before], dtype=np.float64)
    cases = sum(each.n for each in newest)
    share = sum((each.value or 0.0) * each.n for each in newest) / max(cases, 1)
    if rule.chart is Chart.SHARE:
        limits = p_prime(value * n, n)
        reach = 3 * limits.sigma * np.sqrt(limits.centre * (1 - limits.centre) / max(cases, 1))
        low = max(float(limits.centre - reach), 0.0)
        high = min(float(limits.centre + reach), 1.0)
    else:
        limits = xmr(value)
        low, high = float(limits.lower), float(limits.upper)
    return Figure(
        unit=None,
        value=float(share),
        n=cases,
        at=newest[-1].at,
        usual_low=low,
        usual_high=high,
    )
