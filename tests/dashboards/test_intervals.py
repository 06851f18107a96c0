import json

import pytest

from contract.readings import UnitReadings
from dashboards.intervals import estimates, render_intervals, why_none
from dashboards.theme import PALETTE
from tests.dashboards.examples import unit_readings

UNITS = (
    unit_readings("low", "Xã Thấp", ratings=100, satisfied=80),
    unit_readings("small", "Xã Nhỏ", ratings=7),
    unit_readings("high", "Xã Cao", ratings=100, satisfied=95, simulated=True),
)


def test_withheld_shares_are_left_out_and_the_best_comes_first() -> None:
    assert [estimate.name for estimate in estimates(UNITS)] == ["Xã Cao", "Xã Thấp"]


def test_the_figure_draws_each_share_with_its_bounds_in_our_template() -> None:
    shown = estimates(UNITS)
    figure = json.loads(render_intervals(shown))
    (trace,) = figure["data"]
    assert trace["y"] == [95.0, 80.0]
    tops = [y + up for y, up in zip(trace["y"], trace["error_y"]["array"], strict=True)]
    assert tops == [100 * estimate.high for estimate in shown]
    assert trace["marker"]["color"] == [PALETTE.simulated, PALETTE.ink]
    assert figure["layout"]["template"]["layout"]["paper_bgcolor"] == PALETTE.ground


def test_many_units_leave_their_names_to_pointing() -> None:
    many = tuple(unit_readings(f"unit-{n}", f"Xã {n}") for n in range(60))
    axis = json.loads(render_intervals(estimates(many)))["layout"]["xaxis"]
    assert axis["ticktext"] == []


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ((), "không có dữ liệu"),
        ((unit_readings("none", "Xã Không", ratings=0),), "không có dữ liệu"),
        ((unit_readings("none", "Xã Không", ratings=0), UNITS[1]), "chưa đủ mẫu"),
    ],
)
def test_without_any_share_the_figure_says_why(units: tuple[UnitReadings, ...], said: str) -> None:
    figure = json.loads(render_intervals(estimates(units), why_none(units)))
    assert said in figure["layout"]["annotations"][0]["text"]
    assert not figure["layout"]["yaxis"]["visible"]
