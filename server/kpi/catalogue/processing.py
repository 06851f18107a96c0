"""How long dossiers take, those that are not done yet included."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from contract.readings import Direction, KpiFamily, Measure, Withheld
from server.calendars.calendars import Calendar, Rules
from server.calendars.holidays import VietnameseHolidays
from server.facts.histograms import Histogram
from server.facts.processing_times import PROCESSING_TIMES, SECONDS_A_DAY, ProcessingTotals
from server.kpi.definition import Kpi, Moment, Result, too_few
from server.kpi.statistics import SHARE_MINIMUM_N
from server.kpi.survival import product_limit
from server.periods import today


def processing_time(kpi: Kpi[ProcessingTotals], totals: ProcessingTotals, moment: Moment) -> Result:
    """Return after how many working days half of the dossiers received in the period were done.

    Those that are open count for as long as they have been open, by the country's working days;
    those that were withdrawn until then. Too few data where half of them are not done yet.
    """
    if totals.n < kpi.minimum_n:
        return too_few(totals.n, None)
    survival = product_limit(_days(totals.done), _lost(totals, moment))
    median, low, high = survival.quantile(0.5)
    if median is None:
        return Result(n=totals.n, withheld=Withheld.SMALL_SAMPLE)
    parts = {"open": float(sum(totals.open.values())), "done": float(totals.done.n)}
    late = survival.after(0.9)
    return Result(
        n=totals.n,
        value=median,
        low=low,
        high=high,
        parts=parts if late is None else parts | {"p90": late},
    )


def _days(histogram: Histogram) -> Mapping[float, int]:
    """Return how many took how many working days, within the histogram's error."""
    return {value / SECONDS_A_DAY: count for value, count in histogram.values() if count}


def _lost(totals: ProcessingTotals, moment: Moment) -> Mapping[float, int]:
    lost = dict(_days(totals.lost))
    calendar, now = _country(), today(moment.now)
    for day, count in totals.open.items():
        so_far = calendar.working_days(day, now)
        lost[so_far] = lost.get(so_far, 0) + count
    return MappingProxyType(lost)


@cache
def _country() -> Calendar:
    return Calendar(Rules(), VietnameseHolidays())


PROCESSING_TIME = Kpi(
    id="processing_time",
    version=1,
    family=KpiFamily.OFFICIAL,
    measure=Measure.DAYS,
    source=PROCESSING_TIMES,
    compute=processing_time,
    minimum_n=SHARE_MINIMUM_N,
    direction=Direction.LOWER,
    formula="min t with S(t) ≤ 1/2, S(t) = Π (1 - d/r) over days with d done of r at risk",
    reference="Kaplan, Meier (1958), JASA 53, 457-481",
)
