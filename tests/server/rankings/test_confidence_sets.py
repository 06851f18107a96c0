"""Confidence sets for ranks are those published for PISA 2018, and hold every true rank."""

from __future__ import annotations

import numpy as np
import pytest

from server.rankings.confidence_sets import marginal_set, simultaneous_sets
from tests.server.rankings.published import rows


def _pisa() -> tuple[list[str], np.ndarray, np.ndarray]:
    read = rows("csranks-pisa2018/pisa2018.csv")
    names = [row["jurisdiction"] for row in read]
    score, error = (
        np.array([float(row[column]) for row in read]) for column in ("math_score", "math_se")
    )
    return names, score, error


def test_simultaneous_sets_of_pisa_are_those_recomputed() -> None:
    names, score, error = _pisa()
    found = dict(zip(names, simultaneous_sets(score, error, seed=1), strict=True))
    for row in rows("csranks-pisa2018/recomputed_simultaneous95.csv"):
        of_country = found[row["jurisdiction"]]
        assert (of_country.low, of_country.high) == (int(row["L"]), int(row["U"])), row


def test_marginal_set_of_the_united_kingdom_is_the_published_one() -> None:
    names, score, error = _pisa()
    place = next(index for index, name in enumerate(names) if "United Kingdom" in name)
    found = marginal_set(score, error, place, seed=1)
    assert (found.low, found.high) == (7, 23)


def test_sets_of_values_far_apart_are_their_ranks() -> None:
    found = simultaneous_sets(np.array([0.9, 0.5, 0.7]), np.full(3, 0.01), seed=1, draws=2_000)
    assert [(each.low, each.high) for each in found] == [(1, 1), (3, 3), (2, 2)]


@pytest.mark.parametrize("size", [1, 5])
def test_sets_of_equal_values_hold_every_rank(size: int) -> None:
    found = simultaneous_sets(np.full(size, 0.8), np.full(size, 0.02), seed=1, draws=2_000)
    assert {(each.low, each.high) for each in found} == {(1, size)}
