"""Quantiles from bins stay within 2 % of the values, and merging is adding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db.connection import connect
from server.facts.histograms import EMPTY, RELATIVE_ERROR, Histogram
from tests.server.histograms import bin_of, histogram_of

seconds = st.floats(1, 86_400)


@given(st.lists(seconds, min_size=1, max_size=200))
def test_every_rank_is_within_the_stated_error(values):
    ranks = range(1, len(values) + 1)
    found = histogram_of(values).values_at(*ranks)
    for value, told in zip(sorted(values), found, strict=True):
        assert told == pytest.approx(value, rel=RELATIVE_ERROR * (1 + 1e-9))


@given(st.lists(seconds), st.lists(seconds))
def test_merging_is_adding(one, other):
    assert histogram_of(one) + histogram_of(other) == histogram_of(one + other)
    assert (histogram_of(one) + EMPTY).n == len(one)


def test_histogram_of_nothing_has_no_values():
    assert EMPTY.n == 0
    assert EMPTY.values_at() == ()


def test_up_to_one_second_is_one_bin():
    assert histogram_of([0.0, 0.3, 1.0]) == Histogram.of([0], [3])


@pytest.mark.integration
def test_the_database_chooses_the_same_bins(database_url):
    values = [0.0, 1.0, 1.02, 59.9, 60.0, 300.0, 4_321.5, 86_400.0]
    with connect(database_url) as connection:
        rows = connection.execute(
            "SELECT log_bin(value) FROM unnest(%s::double precision[]) AS value", (values,)
        ).fetchall()
    assert [row[0] for row in rows] == [bin_of(value) for value in values]
