"""Control limits of readings: which chart, from which parts, and what is said of none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from contract.readings import Measure, Reading, Withheld
from server.alerts.charts import p_prime, xmr
from server.alerts.control import LEAST_POINTS, Chart, control
from server.periods import Period, Step

FIRST = date(2026, 5, 4)
NOW = datetime(2026, 9, 16, 3, tzinfo=UTC)
WEEKS = 20
WHOLE = Period.range(FIRST, FIRST + timedelta(days=7 * WEEKS - 1))


def weeks(values, n=100) -> list[Reading]:
    """Return a reading a week; None has no data. The twentieth week is that of NOW."""
    periods = [Period.of(Step.WEEK, FIRST + timedelta(days=7 * week)) for week in range(WEEKS)]
    return [
        Reading(
            kpi="k",
            version=1,
            scope="province",
            period=str(period),
            n=n,
            value=value,
            withheld=Withheld.NO_DATA if value is None else None,
        )
        for period, value in zip(periods, values, strict=False)
    ]


STEADY = [0.8 + 0.02 * (week % 3) for week in range(WEEKS)]


def test_shares_get_the_limits_of_p_prime_and_a_week_that_fell_lies_outside():
    values = [*STEADY[:-3], 0.4, *STEADY[-2:]]
    found = control(Measure.SHARE, weeks(values, 200), WHOLE, NOW)
    assert found.chart is Chart.P_PRIME
    shares, n = np.array(values[:-1]), np.full(WEEKS - 1, 200.0)
    limits = p_prime(shares * n, n)
    assert [each.lower for each in found.points] == pytest.approx(limits.lower)
    assert [each.period for each in found.points if each.outside] == ["2026-W36"]


@pytest.mark.parametrize("measure", [Measure.COUNT, Measure.SECONDS, Measure.DAYS, Measure.INDEX])
def test_whatever_is_no_share_gets_the_limits_of_individual_values(measure):
    values = [10.0 * (week % 2) for week in range(WEEKS)]
    found = control(measure, weeks(values), WHOLE, NOW)
    limits = xmr(np.array(values[:-1]))
    assert found.chart is Chart.XMR
    assert {each.upper for each in found.points} == {float(limits.upper)}
    lowest = float(limits.lower) if measure is Measure.INDEX else 0.0
    assert {each.lower for each in found.points} == {lowest}


def test_a_week_that_still_runs_or_is_cut_by_the_period_counts_for_nothing():
    values = [*STEADY[:-1], 0.01]
    cut = Period.range(FIRST + timedelta(days=1), WHOLE.end)
    found = control(Measure.SHARE, weeks(values), cut, NOW)
    assert [each.period for each in found.points][:1] == ["2026-W20"]
    assert len(found.points) == WEEKS - 2
    assert not any(each.outside for each in found.points)


def test_missing_weeks_are_left_out_and_too_few_give_no_limits():
    gaps = [value if week < LEAST_POINTS else None for week, value in enumerate(STEADY)]
    assert len(control(Measure.SHARE, weeks(gaps), WHOLE, NOW).points) == LEAST_POINTS
    assert control(Measure.SHARE, weeks([None, *gaps]), WHOLE, NOW) is not None
    assert control(Measure.SHARE, weeks([*gaps[: LEAST_POINTS - 1]]), WHOLE, NOW) is None


@pytest.mark.parametrize("measure", [Measure.MIX, Measure.AGE])
def test_what_is_no_single_figure_over_time_has_no_limits(measure):
    assert control(measure, weeks(STEADY), WHOLE, NOW) is None
