"""The units page's rows: what each reading says in a cell, and by what it sorts and is filtered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from contract.readings import KpiFamily, Withheld
from dashboards.desk.units import UnitReadings, columns_of, in_order, unit_row
from tests.dashboards.examples import CATALOGUE, Example, example


def row_of(shown: Example) -> dict[str, dict[str, object]]:
    readings = {reading.kpi: reading for reading in shown.readings}
    return dict(unit_row(UnitReadings(unit=shown.unit, readings=readings), CATALOGUE))  # type: ignore[arg-type]


def test_a_figure_stands_with_its_interval_and_its_cases() -> None:
    cell = row_of(example("a", "Xã", ratings=812))["share_satisfied"]
    assert cell["text"] == "96,2%"
    assert cell["note"] == "94,6–97,3% · n = 812"


def test_filters_compare_figures_as_they_are_written() -> None:
    row = row_of(example("a", "Xã", ratings=100, satisfied=95, service_s=90, visits=40))
    assert row["share_satisfied"]["figure"] == 95
    assert row["median_service"]["figure"] == 1.5
    assert row["visits"]["figure"] == 40


def test_a_small_sample_says_how_small_and_sorts_as_missing() -> None:
    cell = row_of(example("a", "Xã", ratings=7))["share_satisfied"]
    assert cell == {"text": "chưa đủ mẫu", "note": "n = 7/30", "state": "withheld"}


def test_stale_readings_tell_their_age() -> None:
    shown = example("a", "Xã")
    waiting = replace(shown.reading("people_waiting"), value=None, withheld=Withheld.STALE)
    row = row_of(replace(shown, readings=(waiting,)))
    assert row["people_waiting"]["text"] == "dữ liệu cũ"
    assert row["people_waiting"]["observed_ms"]
    assert row["visits"]["text"] == "không có dữ liệu"


def test_a_mix_is_said_by_all_its_shares_and_sorts_by_the_positive_one() -> None:
    cell = row_of(example("a", "Xã", mix=(0.1, 0.3, 0.6)))["expression_mix"]
    assert cell["text"] == "60 / 30 / 10%"
    assert cell["sort"] == 0.6


def test_the_newest_data_sort_above_older_ones() -> None:
    at = example("a").reading("visits").observed_at
    assert at is not None
    young = row_of(example("a", at=at))["data_age"]["sort"]
    old = row_of(example("a", at=at - timedelta(minutes=1)))["data_age"]["sort"]
    assert young < old  # type: ignore[operator]


def test_units_are_found_without_diacritics_and_simulated_ones_are_marked() -> None:
    row = row_of(example("dong-anh", "Xã Đông Anh|Dong Anh Commune", simulated=True))
    assert "xa dong anh" in row["search"]
    assert row["unit"]["mark"] == "MÔ PHỎNG"


def test_a_kpi_that_the_catalogue_gains_gets_its_column_below_its_family() -> None:
    gained = replace(CATALOGUE[3], id="complaints", name_vi="Kiến nghị", family=KpiFamily.OFFICIAL)
    columns = columns_of(in_order((*CATALOGUE, gained)))
    (found,) = [column for column in columns if column.id == "complaints"]
    assert found.group is not None
    assert found.group.vi == "CHÍNH THỨC"
    families = [column.group.vi for column in columns if column.group]
    assert families == sorted(families, key=families.index)
    assert families[-1] == "TRẢI NGHIỆM"


def test_kpis_that_are_added_stand_with_their_families() -> None:
    more = [replace(each, id=f"{each.id}_{at}") for each in CATALOGUE for at in (2, 3)]
    groups = [column.group for column in columns_of(in_order((*CATALOGUE, *more)))[1:]]
    assert len(groups) == 3 * sum(each.live for each in CATALOGUE)
    assert len([*groupby(groups)]) == len({each.family for each in CATALOGUE if each.live})
