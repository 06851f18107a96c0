"""The tree of units on one day."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from server.units.records import UnitRecord
from server.units.store import read_tree
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
