"""Decoding ahead of the consumer."""

from __future__ import annotations

import threading

import pytest

from edge.capture.prefetch import prefetch
from edge.errors import SourceBroken
from tests.waiting import eventually


def test_items_come_in_order_and_end():
    with prefetch(iter(range(100)), depth=3) as ahead:
        assert list(ahead) == list(range(100))


def test_an_error_reaches_the_consumer_after_the_items_before_it():
    def failing():
        yield 1
        raise SourceBroken("clip is cut off")

    with prefetch(failing()) as ahead:
        assert next(ahead) == 1
        with pytest.raises(SourceBroken, match="cut off"):
            next(ahead)


def test_it_runs_no_further_ahead_than_allowed():
    made = []

    def counting():
        for number in range(1000):
            made.append(number)
            yield number

    with prefetch(counting(), depth=4) as ahead:
        assert next(ahead) == 0
        eventually(lambda: len(made) >= 6)
        assert len(made) <= 7


def test_leaving_early_ends_the_thread():
    before = set(threading.enumerate())
    with prefetch(iter(range(10_000)), depth=2) as ahead:
        next(ahead)
        assert len(set(threading.enumerate()) - before) == 1
    assert set(threading.enumerate()) <= before
