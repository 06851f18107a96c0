"""A trend draws its control limits, and its table holds the same figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contract.readings import Reading, Withheld
from dashboards.api.control import ControlLimits, ControlPoint
from dashboards.desk.annotations import Annotation, marked
from dashboards.desk.period_choices import lookback
from dashboards.desk.trend import render_trend, trend_figures
from server.kpi.catalogue import BY_ID

SHARE = BY_ID["share_satisfied"].definition


def week(number: int, value: float | None) -> Reading:
    """Return the share of a week, withheld without a value."""
    told = Reading(kpi=SHARE.id, version=1, scope="subtree:a", period=f"2026-W{number}", n=240)
    if value is None:
        return replace(told, n=12, withheld=Withheld.SMALL_SAMPLE)
    return replace(told, value=value, low=value - 0.05, high=value + 0.05)


WEEKS = (week(30, 0.9), week(31, None), week(32, 0.7))
LIMITS = ControlLimits(
    kpi=SHARE.id,
    points=tuple(
        ControlPoint(period=f"2026-W{number}", lower=0.8, centre=0.88, upper=0.96, outside=outside)
        for number, outside in ((30, False), (32, True))
    ),
)


def test_limits_are_lines_with_gaps_and_what_lies_outside_has_another_shape():
    *_, lower, centre, upper, points = render_trend(SHARE, WEEKS, LIMITS)["data"]
    assert [lower["y"], centre["y"], upper["y"]] == [
        [pytest.approx(100 * limit), None, pytest.approx(100 * limit)]
        for limit in (0.8, 0.88, 0.96)
    ]
    assert points["marker"]["symbol"] == ["circle", "circle", "diamond"]
    assert points["y"] == [90.0, None, pytest.approx(70.0)]


def test_a_note_is_a_mark_over_the_week_that_holds_its_day():
    at = datetime(2026, 8, 5, tzinfo=UTC)
    note = Annotation(id="1", day=date(2026, 8, 4), told="Mất điện", author="an", noted_at=at)
    figure = marked(render_trend(SHARE, WEEKS), [each.period for each in WEEKS], [note])
    assert [mark["x"] for mark in figure["layout"]["annotations"]] == [2]


def test_the_table_says_what_the_chart_draws_and_why_a_figure_is_missing():
    assert trend_figures(SHARE, WEEKS, LIMITS).rows == [
        ["T30", "90,0%", "85,0–95,0%", "240", "80,0–96,0%", "trong giới hạn"],
        ["T31", "chưa đủ mẫu", "", "12", "", ""],
        ["T32", "70,0%", "65,0–75,0%", "240", "80,0–96,0%", "ngoài giới hạn"],
    ]


def test_a_gap_parts_the_ground_of_the_intervals_too():
    grounds = [
        trace
        for trace in render_trend(SHARE, (*WEEKS, week(33, 0.75), week(34, None)))["data"]
        if trace.get("mode") == "lines"
    ]
    assert [trace["x"] for trace in grounds] == [["T30", "T30"], ["T32", "T33"], ["T32", "T33"]]


def test_without_limits_there_are_neither_lines_nor_columns_of_them():
    lines = [trace for trace in render_trend(SHARE, WEEKS)["data"] if "dash" in trace["line"]]
    assert lines == []
    assert len(trend_figures(SHARE, WEEKS).heads) == 4


@pytest.mark.parametrize(
    ("period", "span", "step"),
    [
        ("2026-10", "2026-05-04..2026-11-01", "week"),
        ("2026-Q3", "2026-04-06..2026-10-04", "week"),
        ("2026-12", "2026-07-06..2027-01-03", "week"),
        ("2026-W44", "2026-05-04..2026-11-01", "week"),
        ("2026-10-31", "2026-05-04..2026-11-01", "week"),
        ("2026", "2025-01-01..2026-12-31", "month"),
    ],
)
def test_however_short_the_period_there_are_as_many_parts_as_limits_need(period, span, step):
    assert lookback(period) == (span, step)
