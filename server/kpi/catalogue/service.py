"""How many visits there were and how long they took."""

from __future__ import annotations

from contract.readings import KpiFamily, Measure
from server.facts.service_times import SERVICE_TIMES
from server.facts.visits import VISITS, VisitTotals
from server.kpi.computations import median_seconds, quantile_seconds
from server.kpi.definition import NO_DATA, Kpi, Moment, Result
from server.kpi.statistics import MEDIAN_MINIMUM_N, SHARE_MINIMUM_N


def count_visits(_kpi: Kpi[VisitTotals], totals: VisitTotals, _moment: Moment) -> Result:
    """Count visits; no data, rather than zero, where no camera counted in the period."""
    n = totals.visits
    if n == 0 and totals.last_counted is None:
        return NO_DATA
    return Result(n=n, value=float(n), observed_at=totals.newest or totals.last_counted)


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
        live=True,
        minimum_n=MEDIAN_MINIMUM_N,
    ),
    Kpi(
        id="service_p90",
        version=1,
        family=KpiFamily.OPERATION,
        measure=Measure.SECONDS,
        source=SERVICE_TIMES,
        compute=quantile_seconds(0.9),
        minimum_n=SHARE_MINIMUM_N,
    ),
)
