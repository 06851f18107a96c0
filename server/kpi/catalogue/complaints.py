"""Complaints and how they are answered, by their deadlines."""

from __future__ import annotations

from typing import Any

from contract.readings import Direction, Guard, KpiFamily, Measure
from server.facts.complaints import COMPLAINTS
from server.kpi.computations import Compute, counted, share_of
from server.kpi.definition import Kpi

_BETTER = {
    "complaints_open": Direction.LOWER,
    "complaints_overdue": Direction.LOWER,
    "complaints_attitude": Direction.LOWER,
    "complaints_on_time": Direction.HIGHER,
    "complaints_published_on_time": Direction.HIGHER,
    "complaints_satisfied": Direction.HIGHER,
}


def _kpi(id_: str, measure: Measure, compute: Compute, guard: Guard = Guard.NONE) -> Kpi[Any]:
    return Kpi(
        id=id_,
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=measure,
        source=COMPLAINTS,
        compute=compute,
        direction=_BETTER.get(id_, Direction.NEITHER),
        guard=guard,
    )


KPIS: tuple[Kpi[Any], ...] = (
    _kpi("complaints_received", Measure.COUNT, counted("received")),
    _kpi("complaints_open", Measure.COUNT, counted("open")),
    _kpi("complaints_overdue", Measure.COUNT, counted("overdue")),
    _kpi("complaints_attitude", Measure.COUNT, counted("attitude")),
    _kpi("complaints_on_time", Measure.SHARE, share_of("in_time", "ended")),
    _kpi(
        "complaints_published_on_time", Measure.SHARE, share_of("published_in_time", "publishing")
    ),
    _kpi(
        "complaints_satisfied",
        Measure.SHARE,
        share_of("satisfied", "satisfaction_told"),
        Guard.OPINION,
    ),
)
