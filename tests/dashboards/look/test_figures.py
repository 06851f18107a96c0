from dataclasses import replace
from datetime import date

import pytest

from contract.readings import Measure, Reading, Withheld
from dashboards.api.views import missing
from dashboards.look.figures import describe, reason
from tests.dashboards.examples import BY_ID


def say(kpi: str, **rest: object) -> tuple[str, str]:
    figure = describe(
        BY_ID[kpi], Reading(kpi=kpi, version=1, scope="province", period="now", **{"n": 0, **rest})
    )  # type: ignore[arg-type]
    words = figure.withheld.vi if figure.withheld else str(figure.quantity)
    return words, figure.note


@pytest.mark.parametrize(
    ("kpi", "reading", "said"),
    [
        ("ratings", {"n": 1234, "value": 1234.0}, ("1.234", "")),
        ("people_waiting", {"n": 2, "value": 0.0}, ("0", "")),
        (
            "share_satisfied",
            {"n": 812, "value": 0.962, "low": 0.946, "high": 0.973},
            ("96,2%", "94,6–97,3%"),
        ),
        ("share_satisfied", {"n": 812, "value": 0.962}, ("96,2%", "n = 812")),
        (
            "share_satisfied",
            {"n": 812, "value": 0.962, "since": date(2026, 10, 15)},
            ("96,2%", "n = 812, từ ngày 15/10/2026"),
        ),
        (
            "median_service",
            {"n": 40, "value": 272.0, "low": 50.0, "high": 300.0},
            ("4,5 phút", "0,8–5,0"),
        ),
        ("devices_online", {"value": 1.0, "parts": {"online": 1.0, "known": 2.0}}, ("1/2", "")),
        (
            "expression_mix",
            {"n": 90, "parts": {"negative": 0.1, "neutral": 0.3, "positive": 0.6}},
            ("60,0%", "n = 90"),
        ),
    ],
)
def test_a_value_is_said_with_what_bounds_it(
    kpi: str, reading: dict[str, object], said: tuple[str, str]
) -> None:
    assert say(kpi, **reading) == said


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({"n": 7, "withheld": Withheld.SMALL_SAMPLE}, ("chưa đủ mẫu", "n = 7/30")),
        ({"withheld": Withheld.NO_DATA}, ("không có dữ liệu", "")),
        ({"withheld": Withheld.STALE}, ("dữ liệu cũ", "")),
        ({}, ("không có dữ liệu", "")),
    ],
)
def test_a_missing_value_says_why_and_is_never_zero(
    reading: dict[str, object], said: tuple[str, str]
) -> None:
    assert say("share_satisfied", **reading) == said


def test_a_reading_that_the_server_left_out_is_missing() -> None:
    assert reason(missing("province", "ratings")) is Withheld.NO_DATA


def test_every_measure_can_be_said() -> None:
    read = Reading(kpi="x", version=1, scope="province", period="now", n=1, value=0.5)
    for measure in Measure:
        assert describe(replace(BY_ID["visits"], measure=measure), read).quantity
