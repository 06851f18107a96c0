"""The tree of units on one day."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.readings import Unit
from server.units.records import UnitRecord
from server.units.store import read_tree
from server.units.units import UnitTree
from tests.server.asking import ask
from tests.server.units.test_store import importing

pytestmark = pytest.mark.integration

DAY = date(2026, 10, 5)


def test_unit_is_listed_from_its_first_day_to_the_day_before_its_end(database_url):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en, valid_from, valid_to)"
            " VALUES ('a', 'A', 'A', %s, %s)",
            (DAY, DAY + timedelta(days=2)),
        )
    listed = {
        offset: list(
            ask(database_url, lambda c, o=offset: read_tree(c, DAY + timedelta(days=o))).units
        )
        for offset in (-1, 0, 1, 2)
    }
    assert listed == {-1: [], 0: ["a"], 1: ["a"], 2: []}


def test_unit_that_moved_stands_on_each_day_where_it_stood_then(database_url):
    before = [
        UnitRecord(id="d1", parent=None, name_vi="D"),
        UnitRecord(id="d2", parent=None, name_vi="D"),
    ]
    importing(database_url, *before, UnitRecord(id="a", parent="d1", name_vi="A"))
    moved = UnitRecord(id="a", parent="d2", name_vi="A", parent_since=DAY)
    importing(database_url, moved)
    importing(database_url, moved)
    trees = [
        ask(database_url, lambda c, o=offset: read_tree(c, DAY + timedelta(days=o)))
        for offset in (-1, 0)
    ]
    assert [tree.units["a"].parent for tree in trees] == ["d1", "d2"]


def tree_of(valid: str, merged: dict[str, str]) -> UnitTree:
    units = [
        Unit(id=name, parent=None, kind="ward", name_vi=name, name_en=name, simulated=False)
        for name in valid
    ]
    return UnitTree.of(units, merged)


MERGERS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef"))


@given(st.sets(st.sampled_from("abcdef")), MERGERS)
def test_no_unit_is_counted_twice_whatever_was_merged_into_what(valid, merged):
    tree = tree_of("".join(sorted(valid)), merged)
    counted = [each for unit in tree.units for each in tree.counted(unit)]
    assert len(counted) == len(set(counted))
    assert set(counted) == valid | tree.successors.keys()
    assert set(tree.successors.values()) <= valid


def test_merger_of_a_merged_unit_leads_to_the_last():
    tree = tree_of("c", {"a": "b", "b": "c", "x": "y"})
    assert tree.counted("c") == ("c", "a", "b")
    assert tree.above("a") == ("c",)
    assert tree.above("x") == ()
