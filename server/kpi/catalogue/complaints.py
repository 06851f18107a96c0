"""Complaints and how they are answered, by their deadlines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.readings import Direction, KpiFamily, Measure
from server.facts.complaints import COMPLAINTS, ComplaintTotals
from server.kpi.definition import NO_DATA, Kpi, Moment, Result, estimated, too_few
from server.kpi.statistics import wilson

Compute = Callable[[Kpi[ComplaintTotals], ComplaintTotals, Moment], Result]


def counted(count: str) -> Compute:
    """Return what tells a count of complaints; no data where none was ever known."""

    def compute(_kpi: Kpi[ComplaintTotals], totals: ComplaintTotals, _moment: Moment) -> Result:
        if not totals.known:
            return NO_DATA
        n: int = getattr(totals, count)
        return Result(n=n, value=float(n), observed_at=totals.newest)

    return compute


def share_of(part: str, whole: str) -> Compute:
    """Return what computes part / whole; an empty whole is no data, never 0 %."""

    def compute(_kpi: Kpi[ComplaintTotals], totals: ComplaintTotals, _moment: Moment) -> Result:
        n: int = getattr(totals, whole)
        if n == 0:
            return too_few(0, totals.newest)
        return estimated(wilson(getattr(totals, part), n), n, totals.newest)

    return compute


_BETTER = {
    "complaints_open": Direction.LOWER,
    "complaints_overdue": Direction.LOWER,
    "complaints_on_time": Direction.HIGHER,
    "complaints_published_on_time": Direction.HIGHER,
    "complaints_satisfied": Direction.HIGHER,
}


def _kpi(id_: str, measure: Measure, compute: Compute) -> Kpi[Any]:
    return Kpi(
        id=id_,
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=measure,
        source=COMPLAINTS,
        compute=compute,
        direction=_BETTER.get(id_, Direction.NEITHER),
    )


KPIS: tuple[Kpi[Any], ...] = (
    _kpi("complaints_received", Measure.COUNT, counted("received")),
    _kpi("complaints_open", Measure.COUNT, counted("open")),
    _kpi("complaints_overdue", Measure.COUNT, counted("overdue")),
    _kpi("complaints_on_time", Measure.SHARE, share_of("in_time", "ended")),
    _kpi(
        "complaints_published_on_time", Measure.SHARE, share_of("published_in_time", "publishing")
    ),
    _kpi("complaints_satisfied", Measure.SHARE, share_of("satisfied", "satisfaction_told")),
)
