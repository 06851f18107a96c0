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
        inside = self._near(wanted)
        if not inside:
            value = self.after(part)
            return value, value, value
        end = inside[-1] + 1
        high = self.times[end] if end < len(self.times) else None
        return self.after(part), self.times[inside[0]], high

    def after(self, part: float) -> float | None:
        """Return after what time `part` (0..1) is over; None where it is not."""
        wanted = 1 - part + 1e-12
        pairs = zip(self.times, self.shares, strict=True)
        return next((time for time, share in pairs if share <= wanted), None)

    def over_within(self, time: float) -> float:
        """Return the share that is over within `time`."""
        before = [s for t, s in zip(self.times, self.shares, strict=True) if t <= time]
        return 1 - before[-1] if before else 0.0

    def _near(self, wanted: float) -> list[int]:
        """Return the places at which the share is not significantly different from `wanted`."""
        log = math.log
        aim = log(-log(wanted))
        near = []
        for index, share in enumerate(self.shares):
            error = self.errors[index]
            if 0 < share < 1 and error:
                slope = log(share)
                # The transformed share's error is |error / (share log share)|.
                if abs((log(-slope) - aim) * share * slope) <= Z_95 * error:
                    near.append(index)
        return near


def product_limit(over: Mapping[float, int], lost: Mapping[float, int]) -> Survival:
    """Return the estimate from how many were over after each time and how many were lost sight of.

    Who is lost at a time was still at risk at that time.
    """
    at_risk = sum(over.values()) + sum(lost.values())
    share, variance = 1.0, 0.0
    times, shares, errors = [], [], []
    unseen = sorted(lost.items(), reverse=True)
    for time, ended in sorted(over.items()):
        while unseen and unseen[-1][0] < time:
            at_risk -= unseen.pop()[1]
        if not ended:
            continue
        left = at_risk - ended
        if left:
            share *= left / at_risk
            variance += ended / (at_risk * left)
        else:
            share = variance = 0.0
        times.append(time)
        shares.append(share)
        errors.append(share * math.sqrt(variance))
        at_risk = left
    return Survival(times=tuple(times), shares=tuple(shares), errors=tuple(errors))
