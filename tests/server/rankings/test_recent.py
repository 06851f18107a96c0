"""Tables that are kept: the same cells give the same table, other cells another, old ones go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from server.rankings import recent
from server.rankings.recent import RecentTables
from server.rankings.tables import rank_members
from tests.server.rankings.given_cells import cells

COUNTS = {"a": (80, 100), "b": (90, 120), "c": (300, 400)}


@pytest.fixture(name="made")
def counted() -> Iterator[list[int]]:
    """How many tables were made, one entry each."""
    made: list[int] = []

    def making(*args: object, **named: object) -> object:
        made.append(1)
        return rank_members(*args, **named)  # type: ignore[arg-type]

    with patch.object(recent, "rank_members", making):
        yield made


def test_what_is_the_same_is_made_once(made: list[int]) -> None:
    """Equal cells, read anew, give what `rank_members` makes of them."""
    tables = RecentTables()
    first, second = (tables.rank(cells(COUNTS), seed=1) for _ in range(2))
    assert first is second
    assert first.rows == rank_members(cells(COUNTS), seed=1).rows
    assert len(made) == 1


def test_whatever_differs_makes_another(made: list[int]) -> None:
    """One case, a name, suspect ratings, the seed, the period before."""
    tables, own = RecentTables(), cells(COUNTS)
    one_more = replace(own, k=own.k + np.array([1.0, 0.0, 0.0]))
    renamed = replace(own, members=("a", "b", "d"))
    suspect = replace(own, suspect_n=own.suspect_n + 1)
    for each in (own, one_more, renamed, suspect):
        tables.rank(each, seed=1)
    tables.rank(own, seed=2)
    tables.rank(own, seed=1, before=one_more)
    tables.rank(own, seed=1, before=own)
    assert len(made) == 7


def test_the_oldest_go(made: list[int]) -> None:
    """No more is kept than was said; what was asked for last stays."""
    tables = RecentTables(most_bytes=7_000)  # two tables of three members
    for seed in (1, 2, 1, 3, 1):
        tables.rank(cells(COUNTS), seed=seed)
    assert len(made) == 3
    tables.rank(cells(COUNTS), seed=2)
    assert len(made) == 4


def test_a_table_that_is_larger_than_all_that_is_kept_keeps_no_other_away(made: list[int]) -> None:
    tables = RecentTables(most_bytes=4_000)
    many = {f"m{number}": (80, 100) for number in range(5)}
    for counts in (COUNTS, many, COUNTS, many):
        tables.rank(cells(counts), seed=1)
    assert len(made) == 3
