"""Expression readings summed up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.analytics.expressions import change, mix

from .people import at, timed


def test_no_reading_gives_no_mix():
    assert mix([]) is None


def test_the_mix_is_the_mean_and_counts_faces_once():
    readings = [
        timed(0, positive=1.0, track_id=1),
        timed(1, positive=0.5, negative=0.5, track_id=1),
        timed(1, positive=0.0, negative=0.1, track_id=2),
    ]
    summary = mix(readings)
    assert (summary.faces, summary.readings) == (2, 3)
    assert (summary.negative, summary.neutral, summary.positive) == (0.2, 0.3, 0.5)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=50))
def test_shares_are_shares_and_add_up(pairs):
    summary = mix([timed(0, positive=p, negative=(1 - p) * n) for p, n in pairs])
    shares = (summary.negative, summary.neutral, summary.positive)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1, abs=2e-4)


@pytest.mark.parametrize(
    ("first", "middle", "last", "expected"),
    [
        ((0.2, 0.2, 0.2), (1.0, 1.0, 1.0), (0.7, 0.7, 0.7), 0.5),
        ((0.8, 0.8, 0.8), (), (0.3, 0.3, 0.3), -0.5),
        ((0.5, 0.5, 0.5), (), (0.5, 0.5, 0.5), 0.0),
        ((0.5, 0.5), (0.5,), (0.5, 0.5, 0.5), None),  # too few to say
        ((), (), (), None),
    ],
)
def test_change_is_the_last_third_less_the_first(first, middle, last, expected):
    readings = [
        timed(start + k, positive=value)
        for start, values in ((0, first), (13, middle), (27, last))
        for k, value in enumerate(values)
    ]
    assert change(readings, at(0), at(30)) == expected
