from __future__ import annotations

import pytest

from dashboards.api.rankings import Bounded, Rank, Ranked
from dashboards.push.improvement import improved, leaders
from tests.dashboards.examples import wilson


def unit(name: str, hits: int, n: int, rank: tuple[float, int, int] | None = None) -> Ranked:
    low, high = wilson(hits, n)
    median, best, worst = rank or (0.0, 0, 0)
    return Ranked(
        member=name,
        unit=name,
        n=n,
        estimate=Bounded(value=hits / n, low=low, high=high),
        rank=None if rank is None else Rank(median=median, low=best, high=worst),
    )


def test_who_cannot_be_told_apart_from_the_best_leads_with_it() -> None:
    rows = [
        unit("c", 90, 100, (5, 3, 9)),
        unit("a", 99, 100, (1, 1, 3)),
        unit("b", 98, 100, (2, 1, 5)),
        unit("d", 80, 100, (9, 4, 9)),
        unit("few", 9, 10),
    ]
    assert [row.unit for row in leaders(rows)] == ["a", "b", "c"]
    assert leaders([unit("few", 9, 10)]) == ()


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [((56, 70), (48, 80), False), ((48, 80), (56, 70), True), ((70, 80), (71, 80), False)],
)
def test_only_a_gain_beyond_chance_counts(
    before: tuple[int, int], now: tuple[int, int], found: bool
) -> None:
    changes = improved([unit("a", *now)], {"a": unit("a", *before)})
    assert bool(changes) is found


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """The first example of Newcombe (1998), table II: 56/70 - 48/80, method 10: 0.0524, 0.3339."""
    (change,) = improved([unit("a", 56, 70)], {"a": unit("a", 48, 80)})
    assert change.gained == pytest.approx(0.2)
    assert change.low == pytest.approx(0.0524, abs=1e-4)
    assert change.high == pytest.approx(0.3339, abs=1e-4)
