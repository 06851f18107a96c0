"""The same cases are the same cells, however they were counted."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.rankings.counted import Counted, KeptMonth, pack
from server.rankings.tables import rank_members

UNITS = ("sim-01", "sim-02", "sim-03")
FAMILIES, CHANNELS = ("dat-dai", "ho-tich", "xay-dung"), ("online", "counter")
PLACES = {(unit, ""): ("ward", unit) for unit in UNITS}

rows = st.lists(
    st.tuples(
        st.sampled_from(UNITS), st.just(""), st.sampled_from(FAMILIES), st.sampled_from(CHANNELS),
        st.integers(7, 9), st.integers(-1, 2), st.integers(30, 60), st.integers(0, 30),
        st.integers(0, 3), st.just(0),
    ),
    min_size=6,
    max_size=40,
)  # fmt: skip


@given(rows=rows, seed=st.integers(0, 99))
def test_kept_months_in_any_order_are_ranked_as_what_is_counted_at_once(rows, seed):
    at_once, kept = Counted(), Counted()
    at_once.add_rows(rows)
    shuffled = random.Random(seed).sample(rows, len(rows))
    half = len(rows) // 2
    for part in (shuffled[:half], shuffled[half:]):
        kept.add_kept(
            [
                KeptMonth(unit=unit, members=m, families=f, channels=c, cells=cells)
                for unit in sorted({row[0] for row in part})
                for m, f, c, cells in [pack([row for row in part if row[0] == unit])]
            ]
        )
    one, other = (each.divide(PLACES, kinds={})["ward"] for each in (at_once, kept))
    assert one.levels == other.levels
    for name in ("member", "n", "k", "suspect_n"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert [row.rank for row in rank_members(one, seed=1).rows] == [
        row.rank for row in rank_members(other, seed=1).rows
    ]


@given(rows=rows, chosen=st.sets(st.sampled_from(UNITS), min_size=1))
def test_what_was_counted_of_some_units_is_what_is_counted_of_them_alone(rows, chosen):
    whole, alone = Counted(), Counted()
    whole.add_rows(rows[:3])
    whole.add_rows(rows[3:])
    alone.add_rows([row for row in rows if row[0] in chosen])
    within = whole.within(chosen)
    assert within.pairs == alone.pairs
    places = {place: member for place, member in PLACES.items() if place[0] in chosen}
    one, other = (each.divide(places, kinds={})["ward"] for each in (within, alone))
    assert one.levels == other.levels
    for name in ("member", "n", "k", "suspect_n"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
