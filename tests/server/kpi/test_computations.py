"""Each KPI at its edges: nothing known, too few, just enough, stale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.readings import Reading, Withheld
from server.kpi.catalogue import CATALOGUE
from server.kpi.computations import Moment
from server.kpi.inputs import (
    CounterState,
    Day,
    DeviceState,
    ExpressionTotals,
    Inputs,
    RatingTotals,
    ServiceTimes,
    VisitTotals,
    combine,
)

NOW = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)  # 10:00 in Viet Nam
BY_ID = {kpi.definition.id: kpi for kpi in CATALOGUE}


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def read(kpi: str, inputs: Inputs, now: datetime = NOW) -> Reading:
    return BY_ID[kpi].reading(inputs, Moment.at(now))


def ratings(*by_score: int) -> Inputs:
    one, two, three, four, five = by_score
    return Inputs(ratings=RatingTotals(by_score=(one, two, three, four, five), newest=ago(5)))


def counters(*states: tuple[float, int | None]) -> Inputs:
    return Inputs(
        counters=tuple(
            CounterState(observed_at=ago(age_s), queue_length=queue) for age_s, queue in states
        )
    )


def devices(*states: tuple[float | None, bool]) -> Inputs:
    return Inputs(
        devices=tuple(
            DeviceState(last_seen=None if age_s is None else ago(age_s), ended=ended)
            for age_s, ended in states
        )
    )


def mixes(n: int, unfinished: int = 0) -> Inputs:
    """Inputs of `n` visits with a mix that may be told, and of `unfinished` more."""
    return Inputs(
        visits=VisitTotals(visits=n + unfinished, newest=ago(1)),
        expressions=ExpressionTotals(
            seen=n + unfinished,
            visits=n,
            negative=0.1 * n,
            neutral=0.4 * n,
            positive=0.5 * n,
            positive_squared=0.26 * n,
            newest=ago(9),
        ),
    )


@pytest.mark.parametrize("kpi", BY_ID)
def test_without_any_data_nothing_is_shown(kpi):
    reading = read(kpi, Inputs())
    assert reading.value is None
    assert reading.withheld is Withheld.NO_DATA
    assert reading.n == 0


@pytest.mark.parametrize(
    ("kpi", "inputs", "n", "value", "withheld"),
    [
        ("ratings_today", ratings(1, 0, 2, 3, 4), 10, 10, None),
        ("ratings_today", devices((60, False)), 0, 0, None),
        ("ratings_today", devices((86_400, False)), 0, None, Withheld.NO_DATA),
        ("share_satisfied_today", ratings(5, 0, 0, 12, 12), 29, None, Withheld.SMALL_SAMPLE),
        ("share_satisfied_today", ratings(6, 0, 0, 12, 12), 30, 0.8, None),
        ("people_waiting_now", counters((1, 2), (15, 3), (15.1, 9)), 2, 5, None),
        ("people_waiting_now", counters((1, 0)), 1, 0, None),
        ("people_waiting_now", counters((1, 4), (1, None)), 1, 4, None),
        ("people_waiting_now", counters((1, None)), 0, None, Withheld.NO_DATA),
        ("people_waiting_now", counters((16, 2), (90, 3)), 0, None, Withheld.STALE),
        ("people_waiting_now", counters((-120, 2)), 1, 2, None),
        ("visits_today", Inputs(watched_at=ago(60)), 0, 0, None),
        ("visits_today", counters((60, None)), 0, None, Withheld.NO_DATA),
        ("visits_today", mixes(3), 3, 3, None),
        ("expression_mix_today", mixes(0, 9), 0, None, Withheld.SMALL_SAMPLE),
        ("expression_mix_today", mixes(20, 9), 20, None, Withheld.SMALL_SAMPLE),
        ("expression_mix_today", mixes(30), 30, 0.5, None),
        ("devices_online", devices((30, False), (30.1, False), (1, True)), 3, 1, None),
        ("devices_online", devices((None, False)), 1, 0, None),
        ("data_age", devices((42, True), (90, False), (None, False)), 3, 42, None),
        ("data_age", devices((-60, False)), 1, 0, None),
        ("data_age", devices((None, False)), 0, None, Withheld.NO_DATA),
    ],
)  # fmt: skip
def test_kpi_of(kpi, inputs, n, value, withheld):
    reading = read(kpi, inputs)
    assert (reading.n, reading.withheld) == (n, withheld)
    assert reading.value == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(("count", "withheld"), [(5, Withheld.SMALL_SAMPLE), (6, None)])
def test_median_service_needs_six_visits(count, withheld):
    times = ServiceTimes(seconds=tuple(60.0 * i for i in range(1, count + 1)), newest=ago(3))
    reading = read("median_service_today", Inputs(service=times))
    assert (reading.n, reading.withheld) == (count, withheld)
    if withheld is None:
        assert (reading.value, reading.low, reading.high) == (210, 60, 360)


def test_ratings_tell_their_distribution():
    assert read("ratings_today", ratings(1, 0, 2, 3, 4)).parts == {
        "1": 1, "2": 0, "3": 2, "4": 3, "5": 4,
    }  # fmt: skip


def test_expression_parts_are_the_visits_mean_and_add_up():
    parts = read("expression_mix_today", mixes(40)).parts
    assert parts == pytest.approx({"negative": 0.1, "neutral": 0.4, "positive": 0.5})


def test_small_sample_gives_away_neither_value_nor_parts():
    reading = read("expression_mix_today", mixes(20))
    assert (reading.value, reading.low, reading.high, reading.parts) == (None,) * 4


def test_stale_queue_says_when_it_was_last_seen():
    assert read("people_waiting_now", counters((20, 2), (90, 3))).observed_at == ago(20)


@pytest.mark.parametrize(
    ("kpi", "inputs"),
    [("ratings_today", devices((60, False))), ("visits_today", Inputs(watched_at=ago(60)))],
)
def test_zero_says_by_what_it_is_known(kpi, inputs):
    reading = read(kpi, inputs)
    assert (reading.value, reading.observed_at) == (0, ago(60))


@pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: kpi.definition.id)
def test_reading_names_its_definition_and_version(kpi):
    reading = kpi.reading(combine([ratings(9, 9, 9, 9, 9), mixes(50)]), Moment.at(NOW))
    assert (reading.kpi, reading.version) == (kpi.definition.id, kpi.definition.version)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-10-05T16:59:59+00:00", "2026-10-05T00:00:00+07:00"),
        ("2026-10-05T17:00:00+00:00", "2026-10-06T00:00:00+07:00"),
        ("2026-10-05T00:30:00+07:00", "2026-10-05T00:00:00+07:00"),
    ],
)
def test_today_is_the_day_in_viet_nam(now, start):
    day = Day.of(datetime.fromisoformat(now))
    assert day.start == datetime.fromisoformat(start)
    assert day.end - day.start == timedelta(days=1)


def test_units_taken_together_give_the_province():
    together = combine(
        [
            ratings(1, 2, 3, 4, 5),
            ratings(1, 0, 0, 0, 0),
            mixes(30),
            Inputs(service=ServiceTimes(seconds=(1.0, 5.0), newest=ago(9))),
            Inputs(service=ServiceTimes(seconds=(2.0, 3.0), newest=ago(4)), watched_at=ago(8)),
        ]
    )
    assert together.ratings.by_score == (2, 2, 3, 4, 5)
    assert together.expressions.visits == 30
    assert together.watched_at == ago(8)
    assert together.service == ServiceTimes(seconds=(1.0, 2.0, 3.0, 5.0), newest=ago(4))
