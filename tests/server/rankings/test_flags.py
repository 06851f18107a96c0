"""Equal members are not flagged, one far below always is; p-values are those of Fisher's test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import hypergeom

from server.rankings.casemix import standardise
from server.rankings.flags import fisher, flag
from tests.server.rankings.given_cells import cells


def test_only_the_member_far_below_its_peers_is_flagged() -> None:
    counts = dict(
        zip("abcde", [(240, 300), (242, 300), (238, 300), (240, 300), (180, 300)], strict=True)
    )
    assert flag(standardise(cells(counts))).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize("share", [0, 1], ids=["none", "all"])
def test_members_that_are_all_at_an_end_are_not_flagged(share: int) -> None:
    counts = {name: (n * share, n) for name, n in (("a", 100), ("b", 200), ("c", 300))}
    assert not flag(standardise(cells(counts))).any()


def test_members_that_all_differ_are_all_flagged() -> None:
    counts = {"a": (50, 1000), "b": (500, 1000), "c": (950, 1000)}
    assert flag(standardise(cells(counts))).tolist() == [True, False, True]


@given(some.lists(some.tuples(some.integers(1, 400), some.floats(0, 1)), min_size=2, max_size=6))
def test_p_values_are_those_of_the_hypergeometric_distribution(drawn) -> None:
    n = np.array([size for size, _ in drawn], dtype=float)
    k = np.array([round(size * share) for size, share in drawn], dtype=float)
    everybody, total = np.full(len(n), n.sum()), np.full(len(n), k.sum())
    found = fisher(k, n, everybody=everybody, total=total)
    exact = hypergeom(int(n.sum()), int(k.sum()), n.astype(int))
    expected = np.minimum(1, 2 * np.minimum(exact.cdf(k), exact.sf(k - 1)))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)
