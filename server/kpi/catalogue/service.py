"""How many visits there were and how long they took."""

from __future__ import annotations

from contract.readings import Guard, KpiFamily, Measure
from server.facts.service_times import SERVICE_TIMES
from server.facts.visits import VISITS, VisitTotals
from server.facts.watching import WATCHED_SERVICES, WatchingTotals
from server.kpi.computations import median_seconds, quantile_seconds
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, too_few
from server.kpi.statistics import MEDIAN_MINIMUM_N, SHARE_MINIMUM_N


def count_visits(_kpi: Kpi[VisitTotals], totals: VisitTotals, _moment: Moment) -> Result:
    """Count visits; no data, rather than zero, where no camera counted in the period."""
    n = totals.visits
    if n == 0 and totals.last_counted is None:
        return NO_DATA
    return Result(n=n, value=float(n), observed_at=totals.newest or totals.last_counted)


def utilisation(kpi: Kpi[WatchingTotals], totals: WatchingTotals, _moment: Moment) -> Result:
    """Return the time of complete visits over the opening time in which a camera counted."""
    n = totals.services.n
    if totals.counted_s == 0:
        return NO_DATA
    if n < kpi.minimum_n:
        return too_few(n, totals.newest)
    served_s = sum(value * count for value, count in totals.services.values())
    return Result(n=n, value=served_s / totals.counted_s, observed_at=totals.newest)


KPIS = (
    Kpi(
        id="visits",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.COUNT,
        source=VISITS,
        compute=count_visits,
        live=True,
    ),
    Kpi(
        id="median_service",
        version=2,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=SERVICE_TIMES,
        compute=median_seconds,
        guard=Guard.SERVICE,
        live=True,
        minimum_n=MEDIAN_MINIMUM_N,
        formula="(x(⌊(n + 1)/2⌋) + x(⌊n/2⌋ + 1))/2",
        reference="David, Nagaraja (2003), Order Statistics, 7.1",
    ),
    Kpi(
        id="service_p90",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=SERVICE_TIMES,
        compute=quantile_seconds(0.9),
        guard=Guard.SERVICE,
        minimum_n=SHARE_MINIMUM_N,
        formula="x(⌈0.9 n⌉)",
        reference="Conover (1999), Practical Nonparametric Statistics, 3.2",
    ),
    Kpi(
        id="utilisation",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SHARE,
        source=WATCHED_SERVICES,
        compute=utilisation,
        guard=Guard.SERVICE,
        minimum_n=SHARE_MINIMUM_N,
        formula="Σ service time / Σ opening time in which a camera counted",
    ),
)
