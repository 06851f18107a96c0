"""How many visits there were and how long they took."""

from __future__ import annotations

from contract.readings import KpiFamily, Measure
from server.facts.service_times import SERVICE_TIMES, ServiceTimeTotals
from server.facts.visits import VISITS, VisitTotals
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, estimated, too_few
from server.kpi.statistics import MEDIAN_MINIMUM_N, median


def count_visits(_kpi: Kpi[VisitTotals], totals: VisitTotals, _moment: Moment) -> Result:
    """Count visits; no data, rather than zero, where no camera counted in the period."""
    n = totals.visits
    if n == 0 and totals.last_counted is None:
        return NO_DATA
    return Result(n=n, value=float(n), observed_at=totals.newest or totals.last_counted)


def median_service(
    kpi: Kpi[ServiceTimeTotals], totals: ServiceTimeTotals, _moment: Moment
) -> Result:
    """Return the median service time of complete visits, within the histogram's 2 %."""
    n = totals.seconds.n
    if n < kpi.minimum_n:
        return too_few(n, totals.newest)
    return estimated(median(totals.seconds), n, totals.newest)


KPIS = (
    Kpi(
        id="visits",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.COUNT,
        source=VISITS,
        compute=count_visits,
    ),
    Kpi(
        id="median_service",
        version=2,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=SERVICE_TIMES,
        compute=median_service,
        minimum_n=MEDIAN_MINIMUM_N,
    ),
)
