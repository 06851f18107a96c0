"""Who waits now, and how long people waited until they were served."""

from __future__ import annotations

from collections.abc import Callable

from contract.readings import Direction, KpiFamily, Measure, Withheld
from runtime.expected_wait import FEWEST_SERVICES, ExpectedWait, expected_wait
from server.facts.outlook import OUTLOOK, CounterNow, Hall, OutlookTotals
from server.facts.queues import QUEUES, QueueTotals
from server.facts.sources import newest
from server.facts.ticket_waits import TICKET_WAITS
from server.facts.unserved import UNSERVED, UnservedTotals
from server.facts.visit_waits import VISIT_WAITS
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


def expected_wait_now(_kpi: Kpi[OutlookTotals], totals: OutlookTotals, moment: Moment) -> Result:
    """Return how long who comes now has to wait, with the interval of four waits in five.

    Of several units it is the mean, weighted by their recent services, and has no interval. n
    counts the services that it rests on.
    """
    observed_at = newest(*(each.observed_at for hall in totals.halls for each in _queues(hall)))
    if observed_at is None:
        return NO_DATA
    expected = [found for hall in totals.halls if (found := _expected(hall, moment)) is not None]
    n = sum(each.services for each in expected)
    if not expected:
        stale = all(
            not each.is_fresh(moment.now) for hall in totals.halls for each in _queues(hall)
        )
        reason = Withheld.STALE if stale else Withheld.SMALL_SAMPLE
        return Result(withheld=reason, observed_at=observed_at)
    if len(expected) == 1:
        (one,) = expected
        return Result(
            n=n, value=one.wait_s, low=one.low_s, high=one.high_s, observed_at=observed_at
        )
    mean_s = sum(each.services * each.wait_s for each in expected) / n
    return Result(n=n, value=mean_s, observed_at=observed_at)


def _queues(hall: Hall) -> list[CounterNow]:
    """Return the counters whose queue is seen."""
    return [each for each in hall.counters if each.queue_length is not None]


def _expected(hall: Hall, moment: Moment) -> ExpectedWait | None:
    seen = [each for each in _queues(hall) if each.is_fresh(moment.now)]
    if not seen:
        return None
    return expected_wait(
        queue=sum(each.queue_length or 0 for each in seen),
        open_counters=sum(each.is_open(moment.now) for each in hall.counters),
        busy_counters=sum(each.is_busy(moment.now) for each in hall.counters),
        service_times_s=hall.service_times_s,
    )


def unserved_time(_kpi: Kpi[UnservedTotals], totals: UnservedTotals, _moment: Moment) -> Result:
    """Return how long people waited while nobody of the unit was called or served."""
    if totals.waits == 0:
        return NO_DATA
    parts = {"waiting_s": totals.waiting_s, "unserved_s": totals.unserved_s}
    return Result(n=totals.waits, value=totals.unserved_s, parts=parts, observed_at=totals.newest)


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
        direction=Direction.LOWER,
    ),
    Kpi(
        id="median_wait",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=WAITS,
        compute=median_seconds,
        minimum_n=MEDIAN_MINIMUM_N,
        direction=Direction.LOWER,
        formula="(x(⌊(n + 1)/2⌋) + x(⌊n/2⌋ + 1))/2",
        reference="David, Nagaraja (2003), Order Statistics, 7.1",
    ),
    Kpi(
        id="wait_p90",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=WAITS,
        compute=quantile_seconds(0.9),
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.LOWER,
        formula="x(⌈0.9 n⌉)",
        reference="Conover (1999), Practical Nonparametric Statistics, 3.2",
    ),
    Kpi(
        id="waited_within_15",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WAITS,
        compute=wait_within(15),
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="waits ≤ 900 s / waits; Wilson",
        reference="Decision 468/QĐ-TTg",
    ),
    Kpi(
        id="waited_within_30",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WAITS,
        compute=wait_within(30),
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.HIGHER,
        formula="waits ≤ 1800 s / waits; Wilson",
        reference="Decision 468/QĐ-TTg",
    ),
    Kpi(
        id="abandonment",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WAITS,
        compute=abandonment,
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.LOWER,
        formula="left/(left + served); Wilson",
        reference="Wilson (1927), JASA 22, 209-212",
    ),
    Kpi(
        id="expected_wait",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=OUTLOOK,
        compute=expected_wait_now,
        minimum_n=FEWEST_SERVICES,
        fresh_for_s=WAITING_FRESH_FOR_S,
        direction=Direction.LOWER,
        formula="(S (1 + v²)/2 + n S)/c; queue n, counters c, services of mean S, variation v",
        reference="Cox (1962), Renewal Theory, section 5",
    ),
    Kpi(
        id="median_ticket_wait",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=TICKET_WAITS,
        compute=median_seconds,
        minimum_n=MEDIAN_MINIMUM_N,
        direction=Direction.LOWER,
        formula="(x(⌊(n + 1)/2⌋) + x(⌊n/2⌋ + 1))/2 of called - issued",
        reference="Masson, Rim, Lee (2019), PVLDB 12(12)",
    ),
    Kpi(
        id="ticket_wait_p90",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=TICKET_WAITS,
        compute=quantile_seconds(0.9),
        minimum_n=SHARE_MINIMUM_N,
        direction=Direction.LOWER,
        formula="x(⌈0.9 n⌉) of called - issued",
        reference="Masson, Rim, Lee (2019), PVLDB 12(12)",
    ),
    Kpi(
        id="wait_since_issue",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=VISIT_WAITS,
        compute=median_seconds,
        minimum_n=MEDIAN_MINIMUM_N,
        direction=Direction.LOWER,
        formula="(x(⌊(n + 1)/2⌋) + x(⌊n/2⌋ + 1))/2 of visit begun - issued",
        reference="Masson, Rim, Lee (2019), PVLDB 12(12)",
    ),
    Kpi(
        id="unserved_time",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=UNSERVED,
        compute=unserved_time,
        direction=Direction.LOWER,
        formula="|∪ waits ∖ ∪ (visits, minutes after calls)|, by unit and day",
    ),
)
