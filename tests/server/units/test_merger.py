"""The merger of 2025: three levels become two, and both trees can be asked about both times."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from contract.readings import Reading
from contract.topics import Address
from server.errors import NotFound
from server.kpi.catalogue import BY_ID
from server.periods import Period, Step
from server.readings.readings import Breakdown, Question
from server.readings.store import read_readings
from server.scopes import PROVINCE, Scope
from server.units.units import TreeView
from tests.commands import call
from tests.server import build
from tests.server.asking import ask, store

pytestmark = pytest.mark.integration

BEFORE = """id,parent,name_vi,kind
bac-ninh,,Bắc Ninh,tỉnh
tien-du,bac-ninh,Huyện Tiên Du,huyện
lim,tien-du,Thị trấn Lim,thị trấn
noi-due,tien-du,Xã Nội Duệ,xã
phat-tich,tien-du,Xã Phật Tích,xã
"""
# Two communes and the district's office become one; a third stays, directly below the province.
AFTER = """id,parent,name_vi,kind,valid_from,valid_to,parent_since,successor
tien-du-moi,bac-ninh,Xã Tiên Du,xã,2025-07-01,,,
lim,tien-du,Thị trấn Lim,thị trấn,,2025-07-01,,tien-du-moi
noi-due,tien-du,Xã Nội Duệ,xã,,2025-07-01,,lim
tien-du,bac-ninh,Huyện Tiên Du,huyện,,2025-07-01,,tien-du-moi
phat-tich,bac-ninh,Xã Phật Tích,xã,,,2025-07-01,
"""
RATINGS = {
    date(2025, 6, 30): {"tien-du": 1, "lim": 2, "noi-due": 3, "phat-tich": 4},
    date(2025, 7, 2): {"tien-du-moi": 5, "phat-tich": 6},
}
YEAR = Period.of(Step.YEAR, date(2025, 1, 1))
AROUND = Period.range(date(2025, 4, 1), date(2025, 9, 30))
NOW = datetime(2025, 10, 1, 3, tzinfo=UTC)


@pytest.fixture
def merged(database_url, tmp_path):
    """The address of a database with ratings before and after the merger."""
    for text in (BEFORE, AFTER):
        file = tmp_path / "units.csv"
        file.write_text(text, encoding="utf-8")
        result = call("import", "units", file, "--database-url", database_url)
        assert result.exit_code == 0, result.output
    for day, counts in RATINGS.items():
        for unit, count in counts.items():
            address = Address(unit=unit, counter="quay-1", device="kiosk")
            times = [datetime(day.year, day.month, day.day, 3, n, tzinfo=UTC) for n in range(count)]
            store(database_url, *((build.rating(at), address) for at in times))
    return database_url


def ratings(database_url: str, tree: TreeView, scope: Scope = PROVINCE, **asked) -> list[Reading]:
    question = Question(
        kpis=(BY_ID["ratings"],), scope=scope, tree=tree, **{"period": YEAR, **asked}
    )
    return ask(database_url, lambda connection: read_readings(connection, question, NOW))


def counts(readings: list[Reading]) -> dict[str, float | None]:
    return {reading.scope.removeprefix("subtree:"): reading.n for reading in readings}


def test_as_it_is_now_old_units_count_for_their_successors(merged):
    found = counts(ratings(merged, TreeView.NOW, by=Breakdown.UNIT))
    assert found == {"bac-ninh": 21, "phat-tich": 10, "tien-du-moi": 11}


def test_as_it_was_every_unit_has_its_own_and_nothing_counts_twice(merged):
    found = counts(ratings(merged, TreeView.THEN, by=Breakdown.UNIT))
    assert found == {
        "bac-ninh": 21,
        "lim": 2,
        "noi-due": 3,
        "phat-tich": 10,
        "tien-du": 10,  # with the three communes that were below it until then
        "tien-du-moi": 5,
    }


@pytest.mark.parametrize("tree", list(TreeView))
def test_sum_of_the_province_is_the_same_by_both_trees(merged, tree):
    assert counts(ratings(merged, tree)) == {"province": 21}
    assert counts(ratings(merged, tree, Scope.subtree("bac-ninh"))) == {"bac-ninh": 21}


@pytest.mark.parametrize(
    ("tree", "unit", "by_month"),
    [
        (TreeView.NOW, "tien-du-moi", [0, 0, 6, 5, 0, 0]),
        (TreeView.THEN, "tien-du-moi", [0, 0, 0, 5, 0, 0]),
        (TreeView.THEN, "tien-du", [0, 0, 10, 0, 0, 0]),
        (TreeView.THEN, "phat-tich", [0, 0, 4, 6, 0, 0]),
    ],
)
def test_months_on_both_sides_of_the_merger(merged, tree, unit, by_month):
    found = ratings(merged, tree, Scope.subtree(unit), period=AROUND, step=Step.MONTH)
    assert [reading.n for reading in found] == by_month


def test_period_that_the_merger_cuts_is_read_whole(merged):
    week = Period.of(Step.WEEK, date(2025, 7, 1))
    assert counts(ratings(merged, TreeView.THEN, period=week)) == {"province": 21}


def test_former_unit_asked_by_todays_tree_names_its_successor(merged):
    with pytest.raises(NotFound, match="merged into 'tien-du-moi'"):
        ratings(merged, TreeView.NOW, Scope.subtree("noi-due"))
    with pytest.raises(NotFound, match="not known"):
        ratings(merged, TreeView.THEN, Scope.subtree("nowhere"))
