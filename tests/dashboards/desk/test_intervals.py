from __future__ import annotations

import pytest

from contract.readings import Reading, Unit
from dashboards.desk.intervals import SHARE, intervals, render_intervals, why_none
from dashboards.look.texts import say
from dashboards.look.theme import PALETTE
from tests.dashboards.examples import Example, example

UNITS = (
    example("low", "Xã Thấp", ratings=100, satisfied=80),
    example("small", "Xã Nhỏ", ratings=7),
    example("high", "Xã Cao", ratings=100, satisfied=95, simulated=True),
)
NOTHING = say("withheld.no_data")


def shares(units: tuple[Example, ...]) -> list[tuple[Unit, Reading]]:
    return [(unit.unit, unit.reading(SHARE)) for unit in units]


def test_withheld_shares_are_left_out_and_the_best_comes_first() -> None:
    assert [interval.name for interval in intervals(shares(UNITS))] == ["Xã Cao", "Xã Thấp"]


def test_the_figure_draws_each_share_with_its_bounds_in_our_template() -> None:
    shown = intervals(shares(UNITS))
    figure = render_intervals(shown, NOTHING)
    (trace,) = figure["data"]
    assert trace["y"] == [95.0, 80.0]
    tops = [y + up for y, up in zip(trace["y"], trace["error_y"]["array"], strict=True)]
    assert tops == [100 * interval.high for interval in shown]
    assert trace["marker"]["color"] == [PALETTE.simulated, PALETTE.ink]
    assert figure["layout"]["template"]["layout"]["paper_bgcolor"] == PALETTE.ground


def test_many_units_leave_their_names_to_pointing() -> None:
    many = tuple(example(f"unit-{n}", f"Xã {n}") for n in range(60))
    assert render_intervals(intervals(shares(many)), NOTHING)["layout"]["xaxis"]["ticktext"] == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Xã Một cửa liên thông Bắc Ninh", "Xã Một cửa liên…"), ("m" * 150, f"{'m' * 19}…")],
)
def test_long_names_are_cut_to_the_room_below_the_figure(name: str, shown: str) -> None:
    figure = render_intervals(intervals(shares((example("a", name),))), NOTHING)
    assert figure["layout"]["xaxis"]["ticktext"] == [shown]


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ((), "không có dữ liệu"),
        ((example("none", "Xã Không", ratings=0),), "không có dữ liệu"),
        ((example("none", "Xã Không", ratings=0), UNITS[1]), "chưa đủ mẫu"),
    ],
)
def test_without_any_share_the_figure_says_why(units: tuple[Example, ...], said: str) -> None:
    why = why_none([reading for _, reading in shares(units)])
    figure = render_intervals(intervals(shares(units)), why)
    assert said in figure["layout"]["annotations"][0]["text"]
    assert not figure["layout"]["yaxis"]["visible"]
