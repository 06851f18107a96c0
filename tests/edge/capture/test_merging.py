"""Several cameras as one stream."""

from __future__ import annotations

import itertools
import threading

import pytest

from edge.capture.merging import merge


def test_everything_of_every_source_comes_in_its_own_order():
    with merge({"hall": iter(range(50)), "desk": iter(range(100, 130))}) as merged:
        found = list(merged)
    assert [item for name, item in found if name == "hall"] == list(range(50))
    assert [item for name, item in found if name == "desk"] == list(range(100, 130))


def test_one_that_gives_nothing_does_not_hold_the_others_up():
    released = threading.Event()

    def silent():
        released.wait(30)
        yield from ()

    with merge({"silent": silent(), "desk": itertools.count()}) as merged:
        taken = list(itertools.islice(merged, 20))
        released.set()
    assert [item for _, item in taken] == list(range(20))


def test_an_error_of_one_is_raised():
    def broken():
        yield 1
        raise ValueError("the cable is out")

    with (
        merge({"broken": broken(), "desk": itertools.count()}) as merged,
        pytest.raises(ValueError, match="cable"),
    ):
        for _ in merged:
            pass


def test_a_single_source_needs_no_thread():
    before = threading.active_count()
    with merge({"desk": iter("abc")}) as merged:
        assert list(merged) == [("desk", "a"), ("desk", "b"), ("desk", "c")]
        assert threading.active_count() == before
