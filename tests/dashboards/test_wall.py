import json
from dataclasses import replace

import pytest

from contract.readings import KpiFamily, KpiUnit
from dashboards import words
from dashboards.cells import render_breakdown
from dashboards.columns import arrange
from dashboards.feed import View
from dashboards.wall import ROWS_PER_PAGE, Wall, paginate
from server.kpi.catalogue import DEFINITIONS
from tests.dashboards.examples import many_units, province, snapshot, unit_readings


def render(*units: object) -> dict[str, str]:
    shown = View(catalogue=DEFINITIONS, snapshot=snapshot(units))  # type: ignore[arg-type]
    return dict(Wall(province_name="Tỉnh").render(shown).parts)


@pytest.mark.parametrize("count", range(100))
def test_pages_hold_every_row_once_and_are_of_nearly_equal_length(count: int) -> None:
    rows = [f"unit/{index}" for index in range(count)]
    pages = paginate(rows)
    assert [row for page in pages for row in page] == rows
    lengths = [len(page) for page in pages]
    assert all(1 < length <= ROWS_PER_PAGE for length in lengths) or count == 1
    assert lengths == sorted(lengths, reverse=True)
    assert max(lengths, default=0) - min(lengths, default=0) <= 1


def test_every_kpi_of_the_catalogue_stands_in_every_row() -> None:
    for row in render(*many_units(2)).values():
        assert {d.id for d in DEFINITIONS} == {d.id for d in DEFINITIONS if f'"{d.id}"' in row}


def test_a_kpi_that_the_catalogue_gains_appears_by_itself() -> None:
    gained = replace(DEFINITIONS[3], id="complaints_today", family=KpiFamily.OFFICIAL)
    view = View(catalogue=(*DEFINITIONS, gained), snapshot=snapshot(many_units(1)))
    assert '"complaints_today"' in Wall(province_name="Tỉnh").render(view).parts["province"]


def test_official_and_experience_stand_at_opposite_ends() -> None:
    families = [column.family for column in arrange(DEFINITIONS)]
    assert families[0] is KpiFamily.OFFICIAL
    assert families[-1] is KpiFamily.EXPERIENCE
    assert families == sorted(families, key=families.index)


def test_simulated_units_are_marked_in_words() -> None:
    rows = render(unit_readings("real", "Thật"), unit_readings("made-up", "Giả", simulated=True))
    assert "MÔ PHỎNG" not in rows["unit/real"]
    assert "MÔ PHỎNG" in rows["unit/made-up"]


@pytest.mark.parametrize(
    ("simulated", "mark"), [((True, True), "MÔ PHỎNG"), ((True, False), "CÓ MÔ PHỎNG")]
)
def test_a_province_says_whether_all_or_some_of_it_is_simulated(
    simulated: tuple[bool, ...], mark: str
) -> None:
    units = tuple(
        unit_readings(f"unit-{n}", "Xã", simulated=made_up) for n, made_up in enumerate(simulated)
    )
    shown = snapshot(units, whole=province(simulated=any(simulated)))
    row = Wall(province_name="Tỉnh").render(View(catalogue=DEFINITIONS, snapshot=shown))
    assert mark in row.parts["province"].split('"')


def test_small_samples_say_how_small_and_show_no_share() -> None:
    row = render(unit_readings("small", "Nhỏ", ratings=7))["unit/small"]
    assert "chưa đủ mẫu" in row
    assert "n = 7/30" in row
    assert "%" not in json.dumps([text for text in row.split('"') if text == "%"])


def test_a_row_that_only_grew_older_is_not_rendered_again() -> None:
    wall, (unit,) = Wall(province_name="Tỉnh"), many_units(1)
    *others, age = unit.readings
    assert age.kpi == "data_age"
    older = replace(unit, readings=(*others, replace(age, value=7.5)))
    first, second = (
        wall.render(View(catalogue=DEFINITIONS, snapshot=snapshot((shown,))))
        for shown in (unit, older)
    )
    assert second.parts[f"unit/{unit.unit}"] is first.parts[f"unit/{unit.unit}"]


def test_an_unchanged_row_is_not_rendered_again() -> None:
    wall, units = Wall(province_name="Tỉnh"), many_units(2)
    first = wall.render(View(catalogue=DEFINITIONS, snapshot=snapshot(units)))
    second = wall.render(View(catalogue=DEFINITIONS, snapshot=snapshot(units)))
    assert all(second.parts[f"unit/{u.unit}"] is first.parts[f"unit/{u.unit}"] for u in units)


def test_before_the_first_snapshot_the_wall_waits() -> None:
    rendered = Wall(province_name="Tỉnh").render(None)
    assert "Đang chờ dữ liệu" in rendered.frame
    assert rendered.parts == {}


@pytest.mark.parametrize("count", [0, 1])
def test_few_ratings_are_counted_and_never_turned_into_per_cent(count: int) -> None:
    parts = dict.fromkeys(words.RATINGS, 0.0) | {"5": float(count)}
    bars = render_breakdown("ratings", words.RATINGS, parts, unit=KpiUnit.COUNT).children
    figures = [bar.children for bar in bars if getattr(bar, "className", "") == "figure"]
    assert sorted(figures) == sorted(["0", "0", "0", "0", str(count)])


def test_one_long_name_sets_the_names_of_all_units_alike() -> None:
    short, long = unit_readings("a", "Xã Bố Hạ"), unit_readings("b", "Phường Thuận Thành")
    assert "long-name" not in render(short)["unit/a"]
    rows = render(short, long)
    assert all("long-name" in rows[name] for name in ("unit/a", "unit/b"))
