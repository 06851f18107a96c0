"""Waiting at c counters in the long run: Erlang's C formula with Allen and Cunneen's correction.

For planning only. People arrive with rate λ and are served one at a time in a mean time S, at c
counters that take anybody; a = λS is the offered load in erlang and ρ = a / c. With Poisson
arrivals and exponential services the share that waits at all is (Erlang 1917)

    C(c, a) = B / (1 - ρ (1 - B)),  B(0) = 1,  B(k) = a B(k - 1) / (k + a B(k - 1)),

and those who wait do so for S / (c (1 - ρ)) on average. For other arrivals and services Allen and
Cunneen multiply that by (ca² + cs²) / 2, the squared coefficients of variation of the times between
arrivals and of service times (Allen, Probability, Statistics, and Queueing Theory, 1990; exact for
M/M/c and M/G/1). Those who wait are taken to do so exponentially, which is exact for M/M/c.

At ρ ≥ 1 there is no steady state: the queue grows as long as the hour lasts, and none of it holds.
How long somebody waits now, at any load, is `runtime.expected_wait`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How many people come, and how long each needs.

    `arrival_variation` and `service_variation` are ca² and cs²; 1 is Poisson and exponential.
    """

    arrivals_per_s: float
    service_s: float
    arrival_variation: float = 1.0
    service_variation: float = 1.0

    def __post_init__(self) -> None:
        if (
            min(self.arrivals_per_s, self.service_s, self.arrival_variation, self.service_variation)
            < 0
        ):
            raise ValueError("arrivals, service times and their variation cannot be negative")

    @property
    def load(self) -> float:
        """The offered load in erlang: how many counters would be busy if nobody ever waited."""
        return self.arrivals_per_s * self.service_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What `counters` counters do for a demand; waits in seconds, shares 0..1."""

    counters: int
    utilisation: float
    share_waiting: float
    wait_s: float
    waiters_wait_s: float

    def share_within(self, target_s: float) -> float:
        """Return the share of all people who wait at most `target_s`."""
        if self.waiters_wait_s == 0:
            return 1.0
        return 1.0 - self.share_waiting * math.exp(-target_s / self.waiters_wait_s)


def waiting(demand: Demand, counters: int) -> Waiting:
    """Return how people wait at so many counters; ValueError where ρ ≥ 1."""
    if counters <= demand.load or counters < 1:
        raise ValueError(
            f"{counters} counters have no steady state at a load of {demand.load:g} erlang: the "
            "queue grows without end"
        )
    utilisation = demand.load / counters
    blocked = _blocked(demand.load, counters)
    share = blocked / (1 - utilisation * (1 - blocked))
    correction = (demand.arrival_variation + demand.service_variation) / 2
    waiters_wait_s = correction * demand.service_s / (counters * (1 - utilisation))
    return Waiting(
        counters=counters,
        utilisation=utilisation,
        share_waiting=share,
        wait_s=share * waiters_wait_s,
        waiters_wait_s=waiters_wait_s,
    )


def counters_needed(demand: Demand, target_s: float) -> Waiting:
    """Return what the fewest counters do whose expected wait is within `target_s` and whose ρ < 1.

    One counter where nobody comes. The expected wait falls with every counter, towards 0. Raises
    ValueError for a target of nothing, which no number of counters meets.
    """
    if target_s <= 0:
        raise ValueError("a wait of at most 0 s needs counters without end")
    found = waiting(demand, math.floor(demand.load) + 1)
    while found.wait_s > target_s:
        found = waiting(demand, found.counters + 1)
    return found


def _blocked(load: float, counters: int) -> float:
    """Return Erlang's B: the share turned away if nobody could wait."""
    blocked = 1.0
    for counter in range(1, counters + 1):
        blocked = load * blocked / (counter + load * blocked)
    return blocked
