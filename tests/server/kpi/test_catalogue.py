"""Each KPI at its edges: nothing known, too few, just enough, stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.readings import Reading, Timing, Withheld
from server.facts.connections import Connection, ConnectionTotals
from server.facts.durations import DurationTotals
from server.facts.expression_drift import DriftTotals, Mix
from server.facts.expressions import ExpressionTotals
from server.facts.outlook import CounterNow, Hall, OutlookTotals
from server.facts.queues import CounterState, QueueTotals
from server.facts.ratings import RatingTotals
from server.facts.visits import VisitTotals
from server.kpi.catalogue import BY_ID, CATALOGUE
from server.kpi.definition import Moment
from server.periods import NOW as THIS_MOMENT
from server.periods import day_of
from server.scopes import PROVINCE
from tests.server.histograms import histogram_of

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)  # 10:00 in Viet Nam


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def read(kpi: str, totals: object = None) -> Reading:
    entry = BY_ID[kpi]
    period = THIS_MOMENT if entry.source.timing is Timing.NOW else day_of(NOW)
    found = entry.source.totals() if totals is None else totals
    return entry.read(found, PROVINCE, Moment(now=NOW, period=period))


def ratings(*by_score: int) -> RatingTotals:
    one, two, three, four, five = by_score
    return RatingTotals(by_score=(one, two, three, four, five), newest=ago(5))


def doubtful(official: int, suspect: int) -> RatingTotals:
    return RatingTotals(
        by_score=(0, 0, 0, 0, official), suspect_by_score=(suspect, 0, 0, 0, 0), newest=ago(5)
    )


def counters(*states: tuple[float, int | None]) -> QueueTotals:
    return QueueTotals(
        counters=tuple(
            CounterState(observed_at=ago(age_s), queue_length=queue) for age_s, queue in states
        )
    )


def devices(*states: tuple[float | None, bool]) -> ConnectionTotals:
    return ConnectionTotals(
        devices=tuple(
            Connection(last_seen=None if age_s is None else ago(age_s), ended=ended)
            for age_s, ended in states
        )
    )


def hall(*states: tuple[float, int, float | None]) -> OutlookTotals:
    """A hall by its counters: seconds since seen, people in view, seconds since a service."""
    seen = tuple(
        CounterNow(
            observed_at=ago(age_s),
            queue_length=0,
            people_present=people,
            last_served_at=None if served_s is None else ago(served_s),
        )
        for age_s, people, served_s in states
    )
    return OutlookTotals(halls=(Hall(counters=seen, service_times_s=()),))


def mixes(n: int, unfinished: int = 0) -> ExpressionTotals:
    """Totals of `n` visits with a mix that may be told, and of `unfinished` more."""
    return ExpressionTotals(
        seen=n + unfinished,
        visits=n,
        negative=0.1 * n,
        neutral=0.4 * n,
        positive=0.5 * n,
        positive_squared=0.26 * n,
        newest=ago(9),
    )


@pytest.mark.parametrize("kpi", BY_ID)
def test_without_any_data_nothing_is_shown(kpi):
    reading = read(kpi)
    assert reading.value is None
    assert reading.withheld is Withheld.NO_DATA
    assert reading.n == 0


@pytest.mark.parametrize(
    ("kpi", "totals", "n", "value", "withheld"),
    [
        ("ratings", ratings(1, 0, 2, 3, 4), 10, 10, None),
        ("ratings", RatingTotals(last_seen=ago(60)), 0, 0, None),
        ("share_satisfied", ratings(5, 0, 0, 12, 12), 29, None, Withheld.SMALL_SAMPLE),
        ("share_satisfied", ratings(6, 0, 0, 12, 12), 30, 0.8, None),
        ("suspect_share", doubtful(29, 0), 29, None, Withheld.SMALL_SAMPLE),
        ("suspect_share", doubtful(30, 0), 30, 0.0, None),
        ("suspect_share", doubtful(30, 10), 40, 0.25, None),
        ("people_waiting", counters((1, 2), (15, 3), (15.1, 9)), 2, 5, None),
        ("people_waiting", counters((1, 0)), 1, 0, None),
        ("people_waiting", counters((1, 4), (1, None)), 1, 4, None),
        ("people_waiting", counters((1, None)), 0, None, Withheld.NO_DATA),
        ("people_waiting", counters((16, 2), (90, 3)), 0, None, Withheld.STALE),
        ("people_waiting", counters((-20, 2)), 1, 2, None),
        ("people_waiting", counters((-120, 2), (16, 1)), 0, None, Withheld.STALE),
        ("open_counters", hall((1, 1, None), (1, 0, 899), (1, 0, 901)), 3, 2, None),
        ("open_counters", hall((1, 0, None)), 1, 0, None),
        ("open_counters", hall((16, 1, 60)), 0, None, Withheld.STALE),
        ("visits", VisitTotals(last_counted=ago(60)), 0, 0, None),
        ("visits", VisitTotals(visits=3, newest=ago(1)), 3, 3, None),
        ("expression_mix", mixes(0, 9), 0, None, Withheld.SMALL_SAMPLE),
        ("expression_mix", mixes(20, 9), 20, None, Withheld.SMALL_SAMPLE),
        ("expression_mix", mixes(30), 30, 0.5, None),
        ("devices_online", devices((30, False), (30.1, False), (1, True)), 3, 1, None),
        ("devices_online", devices((None, False)), 1, 0, None),
        ("data_age", devices((42, True), (90, False), (None, False)), 3, 42, None),
        ("data_age", devices((-20, False)), 1, 0, None),
        ("data_age", devices((-60, False), (42, False)), 2, 42, None),
        ("devices_online", devices((-60, False), (1, False)), 2, 1, None),
        ("data_age", devices((None, False)), 0, None, Withheld.NO_DATA),
    ],
)
def test_kpi_of(kpi, totals, n, value, withheld):
    reading = read(kpi, totals)
    assert (reading.n, reading.withheld) == (n, withheld)
    assert reading.value == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(("count", "withheld"), [(5, Withheld.SMALL_SAMPLE), (6, None)])
def test_median_service_needs_six_visits(count, withheld):
    times = [60.0 * i for i in range(1, count + 1)]
    reading = read("median_service", DurationTotals(seconds=histogram_of(times), newest=ago(3)))
    assert (reading.n, reading.withheld) == (count, withheld)
    if withheld is None:
        assert (reading.value, reading.low, reading.high) == pytest.approx((210, 60, 360), rel=0.02)


def test_ratings_tell_their_distribution():
    assert read("ratings", ratings(1, 0, 2, 3, 4)).parts == {
        "1": 1, "2": 0, "3": 2, "4": 3, "5": 4,
    }  # fmt: skip


def test_expression_parts_are_the_visits_mean_and_add_up():
    parts = read("expression_mix", mixes(40)).parts
    assert parts == pytest.approx({"negative": 0.1, "neutral": 0.4, "positive": 0.5})


def test_small_sample_gives_away_neither_value_nor_parts():
    reading = read("expression_mix", mixes(20))
    assert (reading.value, reading.low, reading.high, reading.parts) == (None,) * 4


def test_stale_queue_says_when_it_was_last_seen():
    assert read("people_waiting", counters((20, 2), (90, 3))).observed_at == ago(20)


@pytest.mark.parametrize(
    ("kpi", "totals"),
    [("ratings", RatingTotals(last_seen=ago(60))), ("visits", VisitTotals(last_counted=ago(60)))],
)
def test_zero_says_by_what_it_is_known(kpi, totals):
    reading = read(kpi, totals)
    assert (reading.value, reading.observed_at) == (0, ago(60))


@pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: kpi.id)
def test_reading_names_its_definition_scope_and_period(kpi):
    reading = read(kpi.id)
    assert (reading.kpi, reading.version) == (kpi.definition.id, kpi.definition.version)
    assert reading.scope == "province"
    assert reading.period == ("now" if kpi.source.timing is Timing.NOW else "2026-10-05")


def test_totals_of_several_add_up():
    assert (ratings(1, 2, 3, 4, 5) + ratings(1, 0, 0, 0, 0)).by_score == (2, 2, 3, 4, 5)
    assert (mixes(30) + mixes(10, 3)).seen == 43
    both = VisitTotals(visits=2, newest=ago(9)) + VisitTotals(visits=1, last_counted=ago(8))
    assert both == VisitTotals(visits=3, newest=ago(9), last_counted=ago(8))
    assert len((devices((1, False)) + devices((2, False))).devices) == 2


def test_both_totals_of_ratings_stand_side_by_side():
    assert read("suspect_share", doubtful(30, 10)).parts == {
        "official": 30,
        "suspect": 10,
        "satisfied_official": 1,
        "satisfied_all": 0.75,
    }


def test_drift_from_nothing_before_is_no_figure_whatever_n_is_asked_for():
    kpi = replace(BY_ID["expression_drift"], minimum_n=0)
    totals = DriftTotals(now=Mix(visits=40, negative=4.0, neutral=30.0, positive=6.0))
    assert kpi.compute(kpi, totals, Moment(now=NOW, period=day_of(NOW))).value is None
