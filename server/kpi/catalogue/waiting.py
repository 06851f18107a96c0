"""Who waits now."""

from __future__ import annotations

from contract.readings import KpiFamily, Measure, Withheld
from server.facts.queues import QUEUES, QueueTotals
from server.facts.sources import newest
from server.kpi.definition import NO_DATA, Kpi, Moment, Result

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


KPIS = (
    Kpi(
        id="people_waiting",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.COUNT,
        source=QUEUES,
        compute=people_waiting,
        minimum_n=1,
        fresh_for_s=WAITING_FRESH_FOR_S,
    ),
)
