"""What is told of dossiers: exact counts, shares with their interval, nothing for nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contract.readings import Reading, Withheld
from server.facts.dossiers import DossierTotals
from server.facts.histograms import Histogram
from server.facts.open_dossiers import OpenTotals
from server.facts.processing_times import ProcessingTotals
from server.facts.workload import WorkloadTotals
from server.kpi.catalogue import BY_ID
from server.kpi.definition import Moment
from server.periods import Period
from server.scopes import PROVINCE

NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)
MOMENT = Moment(now=NOW, period=Period.parse("2026-06", NOW))


def read(kpi: str, totals: object) -> Reading:
    return BY_ID[kpi].read(totals, PROVINCE, MOMENT)


def test_on_time_is_before_and_on_the_day_of_those_with_a_date():
    totals = DossierTotals(done=10, before_time=3, on_time=4, late=1, known=True)
    reading = read("dossiers_on_time", totals)
    assert (reading.n, reading.value) == (8, 7 / 8)
    assert reading.parts == {"before": 3.0, "on": 4.0, "after": 1.0}
    assert reading.low < reading.value < reading.high


@pytest.mark.parametrize(
    "kpi", [kpi.id for kpi in BY_ID.values() if kpi.source.name in {"dossiers", "complaints"}]
)
def test_nothing_known_is_no_data_never_zero(kpi):
    reading = read(kpi, BY_ID[kpi].source.totals())
    assert (reading.value, reading.withheld) == (None, Withheld.NO_DATA)


def test_known_unit_without_dossiers_in_the_period_received_none():
    assert read("dossiers_received", DossierTotals(known=True)).value == 0.0


def test_targets_add_up_by_the_dossiers_they_are_for():
    ward = DossierTotals.from_row([*([0] * 5), 100, 50, *([0] * 16), 0.5, None, None])
    assert (ward.digitised_told, ward.digitised) == (100, 50)
    office = replace(ward, digitised_aim=80.0)
    reading = read("dossiers_digitised", ward + office)
    assert reading.value == 0.5
    assert reading.parts == {"target": pytest.approx(0.65)}


def test_dossiers_an_officer_and_year_beside_what_is_asked_for():
    ward = WorkloadTotals.from_row([1000, 731, 1600, None])
    reading = read("dossiers_per_officer", ward + WorkloadTotals())
    assert reading.value == pytest.approx(1000 / (731 / 365.25))
    assert reading.parts == {
        "officers": pytest.approx(731 / 365.25), "target": pytest.approx(1600),
    }  # fmt: skip


def test_late_dossiers_without_a_letter_show():
    totals = DossierTotals(late=4, late_apologised=1, apologised=2, known=True)
    reading = read("apology_letters", totals)
    assert (reading.value, reading.n) == (0.25, 4)


def test_due_soon_is_told_with_what_is_open():
    reading = read("dossiers_due_soon", OpenTotals(open=9, overdue=2, due_soon=3, waiting=1))
    assert (reading.value, reading.n) == (3.0, 9)


def histogram(*days: float) -> Histogram:
    """Return working days of eight hours in the bins of log_bin."""
    from tests.server.histograms import histogram_of

    return histogram_of([day * 28_800 for day in days])


def test_open_dossiers_make_the_median_later():
    done = histogram(*[1.0] * 20, *[4.0] * 20)
    closed = read("processing_time", ProcessingTotals(done=done))
    half_open = ProcessingTotals(done=done, open={date(2026, 6, 8): 30})
    assert closed.value == pytest.approx(1.0, rel=0.02)
    assert read("processing_time", half_open).value == pytest.approx(4.0, rel=0.02)


def test_median_that_has_not_come_yet_is_not_told():
    totals = ProcessingTotals(done=histogram(*[1.0] * 20), open={date(2026, 6, 8): 30})
    assert read("processing_time", totals).withheld is Withheld.SMALL_SAMPLE
