"""How long someone who joins the queue now will wait, from what is seen now.

n people wait, c counters are open, and a service takes a mean time S with standard deviation s. The
newcomer's turn comes when n + 1 services have ended, and c counters end c of them in a time S. The
first services have been under way for a while: the mean time that is left of one met at a random
moment is S (1 + v²) / 2 with v = s / S (renewal theory; Cox, Renewal Theory, 1962, section 5), so

    wait = (S (1 + v²) / 2 + n S) / c.

Nothing is assumed of arrivals: it holds at any load, also beyond what the counters can do, where
there is no steady state and Erlang's formulas say nothing. A free counter means no wait.

The interval comes from the variance of that sum: n services of variance s² each at c counters at a
time give n s² / c²; the moments at which c services were met independently, each of variance
S² (1/12 + v² / 2 + v⁴ / 12) (exact for v = 0, close for v = 1), give that over c; and S itself,
known from m services only, is uncertain by s² / m.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

FEWEST_SERVICES = 5
"""With fewer services seen nothing is expected."""

COVERAGE = 0.8
"""The share of waits that should lie within the interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWait:
    """The expected wait and the interval in which `COVERAGE` of the waits lie, in seconds.

    `services` is the number of service times that it rests on.
    """

    wait_s: float
    low_s: float
    high_s: float
    services: int


def expected_wait(
    *, queue: int, open_counters: int, busy_counters: int, service_times_s: Sequence[float]
) -> ExpectedWait | None:
    """Return what someone who joins now has to expect; None where it cannot be told.

    `queue` are those who wait already, `busy_counters` those of the open ones that serve somebody,
    `service_times_s` recent ones at these counters. None without an open counter, or with fewer
    than `FEWEST_SERVICES` times. Raises ValueError for negative numbers.
    """
    if min(queue, open_counters, busy_counters, *service_times_s, 0) < 0:
        raise ValueError("queue, counters and service times cannot be negative")
    count = len(service_times_s)
    if open_counters == 0 or count < FEWEST_SERVICES:
        return None
    if queue < open_counters - busy_counters:
        return ExpectedWait(wait_s=0.0, low_s=0.0, high_s=0.0, services=count)
    mean_s, spread_s = fmean(service_times_s), stdev(service_times_s)
    variation = (spread_s / mean_s) ** 2 if mean_s else 0.0
    ahead = queue - (open_counters - busy_counters)
    wait_s = mean_s * ((1 + variation) / 2 + ahead) / open_counters
    first = mean_s**2 * (1 / 12 + variation / 2 + variation**2 / 12)
    own = (ahead + (1 + variation) / 2) ** 2 * spread_s**2 / count
    variance = first / open_counters + (ahead * spread_s**2 + own) / open_counters**2
    reach_s = NormalDist().inv_cdf((1 + COVERAGE) / 2) * math.sqrt(variance)
    return ExpectedWait(
        wait_s=wait_s, low_s=max(0.0, wait_s - reach_s), high_s=wait_s + reach_s, services=count
    )
