"""The figure of an alert about opinions is made of the readings that are seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.alerts.library import shipped
from server.alerts.opinions import figure_of
from server.alerts.points import Point

RAISED = datetime(2026, 11, 20, 10, tzinfo=UTC)


def days(*values: float | None, n: int = 30) -> list[Point]:
    return [
        Point(at=RAISED - timedelta(days=len(values) - number), value=value, n=n)
        for number, value in enumerate(values)
    ]


def test_the_newest_days_are_one_share_beside_what_is_usual_before_them():
    usual = [0.85, 0.88, 0.82, 0.86, 0.84, 0.87, 0.83, 0.85, 0.86, 0.84, 0.85, 0.86]
    readings = days(*usual, None, 0.7, 0.66, 0.68)
    after = Point(at=RAISED + timedelta(days=1), value=0.9, n=30)
    found = figure_of(shipped()["satisfaction_fall"], [*readings, after], RAISED)
    assert found is not None
    assert (found.value, found.n) == (pytest.approx(0.68), 90)
    assert found.value < found.usual_low < 0.85 < found.usual_high


def test_of_weeks_the_last_one_is_told():
    readings = days(*(0.02 + 0.005 * (number % 3) for number in range(12)), 0.3)
    found = figure_of(shipped()["expression_drifting"], readings, RAISED)
    assert found is not None
    assert found.value == pytest.approx(0.3)
    assert found.usual_high < 0.1


def test_where_little_is_seen_nothing_is_told():
    assert figure_of(shipped()["satisfaction_fall"], days(*[0.8] * 12), RAISED) is None
    assert figure_of(shipped()["satisfaction_fall"], days(*[None] * 30), RAISED) is None
