"""Who waits now, and how long people waited until they were served."""

from __future__ import annotations

from collections.abc import Callable

from contract.readings import KpiFamily, Measure, Withheld
from server.facts.queues import QUEUES, QueueTotals
from server.facts.sources import newest
from server.facts.waits import WAITS, WaitTotals
from server.kpi.computations import median_seconds, quantile_seconds, share
from server.kpi.definition import NO_DATA, Kpi, Moment, Result
from server.kpi.statistics import MEDIAN_MINIMUM_N, SHARE_MINIMUM_N

WAITING_FRESH_FOR_S = 15.0
"""Three windows of 5 s: one lost window does not blank the wall, a dead camera soon does."""


def people_waiting(kpi: Kpi[QueueTotals], totals: QueueTotals, moment: Moment) -> Result:
    """Add up the queues of the counters whose newest observation is fresh; n counts those."""
    assert kpi.fresh_for_s is not None
    watched = [
        state
        for state in totals.counters
        if state.queue_length is not None and moment.believes(state.observed_at)
    ]
    observed_at = newest(*(state.observed_at for state in watched))
    if observed_at is None:
        return NO_DATA
    queues = [
        state.queue_length or 0
        for state in watched
        if moment.age_s(state.observed_at) <= kpi.fresh_for_s
    ]
    if not queues:
        return Result(withheld=Withheld.STALE, observed_at=observed_at)
    return Result(n=len(queues), value=float(sum(queues)), observed_at=observed_at)


def wait_within(minutes: int) -> Callable[[Kpi[WaitTotals], WaitTotals, Moment], Result]:
    """Return what computes the share of those served who waited at most 15 or 30 minutes."""

    def compute(kpi: Kpi[WaitTotals], totals: WaitTotals, _moment: Moment) -> Result:
        within = {15: totals.within_15, 30: totals.within_30}[minutes]
        return share(kpi, within, totals.seconds.n, totals.newest)

    return compute


def abandonment(kpi: Kpi[WaitTotals], totals: WaitTotals, _moment: Moment) -> Result:
    """Return the share of those who waited that left before they were served."""
    n = totals.seconds.n + totals.abandoned
    return share(kpi, totals.abandoned, n, totals.newest)


KPIS = (
    Kpi(
        id="people_waiting",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.COUNT,
        source=QUEUES,
        compute=people_waiting,
        live=True,
        minimum_n=1,
        fresh_for_s=WAITING_FRESH_FOR_S,
    ),
    Kpi(
        id="median_wait",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=WAITS,
        compute=median_seconds,
        minimum_n=MEDIAN_MINIMUM_N,
    ),
    Kpi(
        id="wait_p90",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=WAITS,
        compute=quantile_seconds(0.9),
        minimum_n=SHARE_MINIMUM_N,
    ),
    Kpi(
        id="waited_within_15",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WAITS,
        compute=wait_within(15),
        minimum_n=SHARE_MINIMUM_N,
    ),
    Kpi(
        id="waited_within_30",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WAITS,
        compute=wait_within(30),
        minimum_n=SHARE_MINIMUM_N,
    ),
    Kpi(
        id="abandonment",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WAITS,
        compute=abandonment,
        minimum_n=SHARE_MINIMUM_N,
    ),
)
