"""How long something takes when some of it is not over yet: the product-limit estimate.

Kaplan, E. L., Meier, P. (1958), "Nonparametric estimation from incomplete observations", Journal of
the American Statistical Association 53, 457-481. Equal to scipy.stats.ecdf with censoring (a test
compares), which wants a value for each dossier: two million of a province and year, where a
histogram has some hundred.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from server.kpi.statistics import Z_95


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """The share that is not over after each time, ascending, with Greenwood's standard error."""

    times: tuple[float, ...]
    shares: tuple[float, ...]
    errors: tuple[float, ...]

    def quantile(self, part: float) -> tuple[float | None, float | None, float | None]:
        """Return after what time `part` (0..1) is over, with its 95 % interval; None where open.

        Brookmeyer and Crowley (1982), Biometrics 38, 29-41, with the log-log transform: the times
        whose share is not significantly different from 1 - part.
        """
        wanted = 1 - part
        value = next(
            (t for t, s in zip(self.times, self.shares, strict=True) if s <= wanted + 1e-12), None
        )
        inside = [index for index in range(len(self.times)) if self._is_near(index, wanted)]
        if not inside:
            return value, value, value
        after = inside[-1] + 1
        high = self.times[after] if after < len(self.times) else None
        return value, self.times[inside[0]], high

    def over_within(self, time: float) -> float:
        """Return the share that is over within `time`."""
        before = [s for t, s in zip(self.times, self.shares, strict=True) if t <= time]
        return 1 - before[-1] if before else 0.0

    def _is_near(self, index: int, wanted: float) -> bool:
        share, error = self.shares[index], self.errors[index]
        if not 0 < share < 1 or error == 0:
            return False
        slope = 1 / (share * math.log(share))
        distance = math.log(-math.log(share)) - math.log(-math.log(wanted))
        return abs(distance / (slope * error)) <= Z_95


def product_limit(over: Mapping[float, int], lost: Mapping[float, int]) -> Survival:
    """Return the estimate from how many were over after each time and how many were lost sight of.

    Who is lost at a time was still at risk at that time.
    """
    at_risk = sum(over.values()) + sum(lost.values())
    share, variance = 1.0, 0.0
    times, shares, errors = [], [], []
    for time in sorted({*over, *lost}):
        ended = over.get(time, 0)
        if ended:
            share *= 1 - ended / at_risk
            left = at_risk - ended
            variance += ended / (at_risk * left) if left else 0.0
            times.append(time)
            shares.append(share if left else 0.0)
            errors.append(share * math.sqrt(variance) if left else 0.0)
        at_risk -= ended + lost.get(time, 0)
    return Survival(times=tuple(times), shares=tuple(shares), errors=tuple(errors))
