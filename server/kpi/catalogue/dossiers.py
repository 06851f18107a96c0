"""How dossiers are received and resolved: counts, timeliness, digitisation, workload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.readings import Direction, Guard, KpiFamily, Measure
from server.facts.dossier_hours import DOSSIER_HOURS, DossierHourTotals
from server.facts.dossiers import DOSSIERS, DossierTotals
from server.facts.open_dossiers import OPEN_DOSSIERS, OpenTotals
from server.facts.sources import Source
from server.facts.workload import DAYS_A_YEAR, WORKLOAD, WorkloadTotals
from server.kpi.catalogue.processing import PROCESSING_TIME
from server.kpi.computations import counted, share, share_of
from server.kpi.definition import NO_DATA, Kpi, Moment, Result


def timeliness(kpi: Kpi[DossierTotals], totals: DossierTotals, _moment: Moment) -> Result:
    """Return the share done before or on the promised day, among those that have a date."""
    n = totals.before_time + totals.on_time + totals.late
    parts = {
        "before": float(totals.before_time),
        "on": float(totals.on_time),
        "after": float(totals.late),
    }
    return share(kpi, totals.before_time + totals.on_time, n, totals.newest, parts)


def apology_letters(kpi: Kpi[DossierTotals], totals: DossierTotals, _moment: Moment) -> Result:
    """Return the share of the late dossiers for which there was a letter of apology."""
    parts = {"letters": float(totals.apologised), "late": float(totals.late)}
    return share(kpi, totals.late_apologised, totals.late, totals.newest, parts)


def due_soon(_kpi: Kpi[OpenTotals], totals: OpenTotals, _moment: Moment) -> Result:
    """Count the open dossiers that are due within three working days; n are all open ones."""
    if totals.open == 0:
        return NO_DATA
    parts = {
        "due_soon": float(totals.due_soon),
        "overdue": float(totals.overdue),
        "waiting": float(totals.waiting),
    }
    return Result(n=totals.open, value=float(totals.due_soon), parts=parts)


def by_hour(
    count: str,
) -> Callable[[Kpi[DossierHourTotals], DossierHourTotals, Moment], Result]:
    """Return what counts dossiers `received` or `done`; `parts` are counts by local hour: "07"."""

    def compute(_kpi: Kpi[DossierHourTotals], totals: DossierHourTotals, _moment: Moment) -> Result:
        if not totals.known:
            return NO_DATA
        hours: tuple[int, ...] = getattr(totals, count)
        parts = {f"{hour:02}": float(n) for hour, n in enumerate(hours) if n}
        return Result(n=sum(hours), value=float(sum(hours)), parts=parts, observed_at=totals.newest)

    return compute


def per_officer(_kpi: Kpi[WorkloadTotals], totals: WorkloadTotals, _moment: Moment) -> Result:
    """Return dossiers received an officer and year; `parts.target` is what is asked for."""
    if totals.officer_days == 0 or totals.received == 0:
        return NO_DATA
    years = totals.officer_days / DAYS_A_YEAR
    parts = {"officers": years} | ({} if totals.aimed is None else {"target": totals.aimed / years})
    return Result(
        n=totals.received,
        value=totals.received / years,
        parts=parts,
        observed_at=totals.newest,
    )


_BETTER = {
    "dossiers_in_processing": Direction.LOWER,
    "dossiers_on_time": Direction.HIGHER,
    "dossiers_overdue": Direction.LOWER,
    "dossiers_due_soon": Direction.LOWER,
    "dossiers_supplemented": Direction.LOWER,
    "dossiers_digitised": Direction.HIGHER,
    "results_digitised": Direction.HIGHER,
    "data_reused": Direction.HIGHER,
    "filed_online": Direction.HIGHER,
    "paid_online": Direction.HIGHER,
    "apology_letters": Direction.HIGHER,
    "dossier_ratings": Direction.HIGHER,
}


def _kpi(
    id_: str,
    measure: Measure,
    compute: Any,  # noqa: ANN401 - of each source its own
    source: Source[Any] = DOSSIERS,
    guard: Guard = Guard.NONE,
) -> Kpi[Any]:
    return Kpi(
        id=id_,
        version=1,
        family=KpiFamily.OFFICIAL,
        measure=measure,
        source=source,
        compute=compute,
        direction=_BETTER.get(id_, Direction.NEITHER),
        guard=guard,
    )


KPIS: tuple[Kpi[Any], ...] = (
    _kpi("dossiers_received", Measure.COUNT, counted("received")),
    _kpi("dossiers_in_processing", Measure.COUNT, counted("open")),
    _kpi("dossiers_done", Measure.COUNT, counted("done")),
    _kpi("dossiers_on_time", Measure.SHARE, timeliness),
    _kpi("dossiers_overdue", Measure.COUNT, counted("overdue")),
    _kpi("dossiers_due_soon", Measure.COUNT, due_soon, OPEN_DOSSIERS),
    _kpi("received_by_hour", Measure.COUNT, by_hour("received"), DOSSIER_HOURS),
    _kpi("done_by_hour", Measure.COUNT, by_hour("done"), DOSSIER_HOURS),
    PROCESSING_TIME,
    _kpi("dossiers_supplemented", Measure.SHARE, share_of("supplemented", "done")),
    _kpi(
        "dossiers_digitised",
        Measure.SHARE,
        share_of("digitised", "digitised_told", "digitised_aim"),
    ),
    _kpi(
        "results_digitised",
        Measure.SHARE,
        share_of("result_digitised", "result_told", "result_aim"),
    ),
    _kpi("data_reused", Measure.SHARE, share_of("reused", "reused_told")),
    _kpi("filed_online", Measure.SHARE, share_of("online", "received")),
    _kpi("paid_online", Measure.SHARE, share_of("paid_online", "fee_due")),
    _kpi("other_area", Measure.SHARE, share_of("other_area", "received")),
    _kpi("dossiers_per_officer", Measure.COUNT, per_officer, WORKLOAD),
    _kpi("apology_letters", Measure.SHARE, apology_letters),
    _kpi("dossier_ratings", Measure.SHARE, share_of("satisfied", "rated"), guard=Guard.OPINION),
)
