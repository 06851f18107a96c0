"""Units are shown from 30 and ranked from 100 answers."""

from __future__ import annotations

from server.rankings.tables import Count, rank_units


def test_units_below_a_floor_are_not_shown_or_not_ranked() -> None:
    sizes = {"a": 0, "b": 29, "c": 30, "d": 99, "e": 100, "f": 400}
    rows = rank_units(
        [Count(unit=unit, successes=n // 2, n=n) for unit, n in sizes.items()], seed=1
    )
    assert [row.unit for row in rows if row.estimate is not None] == ["c", "d", "e", "f"]
    assert [row.unit for row in rows if row.rank is not None] == ["e", "f"]


def test_units_below_the_floor_move_no_rank() -> None:
    large = [Count(unit=unit, successes=at, n=500) for unit, at in (("a", 300), ("b", 400))]
    small = Count(unit="c", successes=99, n=99)
    assert rank_units([*large, small], seed=1)[:2] == rank_units(large, seed=1)


def test_one_unit_is_shown_and_not_ranked() -> None:
    (row,) = rank_units([Count(unit="a", successes=300, n=500)], seed=1)
    assert row.estimate is not None
    assert row.rank is None


def test_fewest_is_best_where_a_lower_share_is_better() -> None:
    counts = [Count(unit="a", successes=50, n=500), Count(unit="b", successes=400, n=500)]
    first, second = rank_units(counts, seed=1, higher_is_better=False)
    assert first.rank is not None
    assert second.rank is not None
    assert (first.rank.high, second.rank.low) == (1, 2)
