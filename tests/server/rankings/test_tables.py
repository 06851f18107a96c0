"""Members are shown from 30 and ranked from 100 cases, by evidence and not by their work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from server.rankings.tables import rank_members
from tests.server.rankings.given_cells import cells, of_families


def test_members_below_a_floor_are_not_shown_or_not_ranked() -> None:
    sizes = {"a": 0, "b": 29, "c": 30, "d": 99, "e": 100, "f": 400}
    table = rank_members(cells({name: (n // 2, n) for name, n in sizes.items()}), seed=1)
    assert [row.member for row in table.rows] == list(sizes)
    assert [row.member for row in table.rows if row.estimate is not None] == ["c", "d", "e", "f"]
    assert [row.member for row in table.rows if row.rank is not None] == ["e", "f"]
    assert [row.member for row in table.rows if row.shrunken is not None] == ["c", "d", "e", "f"]


def test_members_below_the_floor_move_no_rank() -> None:
    large = {"a": (300, 500), "b": (400, 500)}
    with_small = rank_members(cells(large | {"c": (99, 99)}), seed=1)
    assert with_small.rows[:2] == rank_members(cells(large), seed=1).rows


@pytest.mark.parametrize(
    "counts",
    [{"a": (300, 500)}, {"a": (20, 40), "b": (30, 60)}, {"a": (0, 0)}],
    ids=["one", "all below the floor", "nothing"],
)
def test_nobody_is_ranked_where_there_are_not_two_to_rank(counts) -> None:
    table = rank_members(cells(counts), seed=1)
    assert [row.rank for row in table.rows] == [None] * len(counts)
    assert table.level is None
    assert table.funnel is None


@pytest.mark.parametrize("k", [0, 400, 500], ids=["none", "alike", "all"])
def test_members_that_are_all_alike_share_a_group_and_every_rank(k: int) -> None:
    table = rank_members(cells(dict.fromkeys("abcdefgh", (k, 500))), seed=1)
    assert {row.group for row in table.rows} == {1}
    assert {row.group_size for row in table.rows} == {8}
    assert not any(row.flagged for row in table.rows)
    assert all(row.rank is not None and row.rank.high - row.rank.low >= 6 for row in table.rows)


def test_members_far_apart_keep_their_ranks_and_equal_ones_share_a_range() -> None:
    counts = {"best": (950, 1000), "one": (500, 1000), "other": (500, 1000), "worst": (50, 1000)}
    best, one, other, worst = rank_members(cells(counts), seed=1).rows
    assert (best.rank.low, best.rank.high, worst.rank.low, worst.rank.high) == (1, 1, 4, 4)
    assert (one.rank.low, one.rank.high) == (other.rank.low, other.rank.high) == (2, 3)
    assert best.rank.in_top_decile == worst.rank.in_bottom_decile == 1
    assert (best.group, one.group, other.group, worst.group) == (1, 2, 2, 3)


def test_fewest_is_best_where_a_lower_share_is_better() -> None:
    counts = {"a": (50, 500), "b": (400, 500)}
    first, second = rank_members(cells(counts), seed=1, higher_is_better=False).rows
    assert (first.rank.high, second.rank.low) == (1, 2)
    assert (first.group, second.group) == (1, 2)


def test_ranks_are_the_same_for_the_same_seed() -> None:
    counts = cells({"a": (40, 100), "b": (45, 100), "c": (50, 100)})
    assert rank_members(counts, seed=7).rows == rank_members(counts, seed=7).rows


def test_member_with_the_harder_work_does_not_stand_lower_for_it() -> None:
    # Everybody succeeds in 90 % of the easy family and 60 % of the hard one.
    counts = {
        "easy": [(1620, 1800), (120, 200)],
        "even": [(900, 1000), (600, 1000)],
        "hard": [(180, 200), (1080, 1800)],
    }
    rows = rank_members(of_families(counts), seed=1).rows
    crude = [row.estimate.value for row in rows]
    assert crude == [0.87, 0.75, 0.63]
    assert [row.adjusted.value for row in rows] == pytest.approx([0.75] * 3, abs=0.005)
    assert not any(row.flagged for row in rows)


def test_members_with_other_work_are_not_comparable() -> None:
    counts = {
        "a": [(900, 1000), (9, 10)],
        "b": [(90, 100), (900, 1000)],
        "c": [(800, 900), (90, 99)],
    }
    table = rank_members(of_families(counts), seed=1)
    a, b, c = table.rows
    assert (a.incomparable, b.incomparable, c.incomparable) == (1, 2, 1)
    assert [table.incomparable_with(name) for name in "abc"] == [("b",), ("a", "c"), ("b",)]
    assert b.common_work < 0.5


def test_suspect_cases_are_told_and_lift_nobody() -> None:
    counts = {"a": (400, 500), "b": (450, 500), "c": (425, 500)}
    plain = rank_members(cells(counts), seed=1).rows
    stuffed = rank_members(cells(counts, suspect={"a": (100, 100)}), seed=1).rows
    assert stuffed[0].rank == plain[0].rank
    assert (stuffed[0].suspect_n, stuffed[0].with_suspect) == (100, 500 / 600)


def test_change_is_drawn_toward_that_of_the_kind() -> None:
    now = cells({"a": (450, 500), "b": (400, 500), "c": (400, 500), "d": (60, 99)})
    before = cells({"a": (400, 500), "b": (400, 500), "c": (50, 60), "d": (60, 99)})
    a, b, c, d = rank_members(now, seed=1, before=before).rows
    assert 0 < b.change.value < a.change.value < 0.1
    assert a.change.low < a.change.value < a.change.high
    assert (c.change, d.change) == (None, None)


def test_change_is_told_where_one_period_tells_less_work_apart() -> None:
    now = of_families({"a": [(200, 250), (250, 250)], "b": [(100, 250), (200, 250)]})
    before = replace(cells({"a": (400, 500), "b": (300, 500)}), levels={}, codes={})
    for earlier, later in ((before, now), (now, before)):
        a, b = rank_members(later, seed=1, before=earlier).rows
        assert a.change is not None
        assert b.change is not None
        assert a.change.parts.by_factor == {}


_COUNT = some.tuples(some.integers(0, 100), some.integers(1, 60))


@settings(max_examples=25, deadline=None)
@given(
    some.lists(some.lists(_COUNT, min_size=3, max_size=3), min_size=4, max_size=4),
    some.lists(some.lists(_COUNT, min_size=3, max_size=3), min_size=4, max_size=4),
)
def test_parts_add_up_to_their_differences(now, before) -> None:
    tables = [
        of_families(
            {
                f"m{at}": [(n * share // 100 + 100, n + 100) for share, n in families]
                for at, families in enumerate(drawn)
            }
        )
        for drawn in (now, before)
    ]
    for row in rank_members(tables[0], seed=1, before=tables[1]).rows:
        for parts in (row.parts, row.change.parts):
            sum_of_parts = sum(parts.by_factor.values()) + parts.own + parts.common
            assert sum_of_parts == pytest.approx(parts.total, abs=1e-12)
