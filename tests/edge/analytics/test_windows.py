"""Observation windows."""

from __future__ import annotations

import pytest

from edge.analytics.windows import WindowAggregator

from .people import at, second_of, timed


def windows(*, counts_queue=True, interval_s=0.5):
    return WindowAggregator(window_s=5, interval_s=interval_s, counts_queue=counts_queue)


def run(target, seconds, *, queue=1, people=2):
    ended = []
    for second in seconds:
        ended += target.advance(at(second))
        target.count(at(second), queue=queue, people=people)
    return ended


def test_windows_follow_one_another_without_gaps():
    ended = run(windows(), [k * 0.5 for k in range(31)])
    assert [second_of(window.ended_at) for window in ended] == [5, 10, 15]
    assert {(w.window_s, w.frames, w.people_present) for w in ended} == {(5, 10, 2)}


@pytest.mark.parametrize(
    ("counts", "median"), [([0, 0, 1, 1, 1], 1), ([0, 9, 0], 0), ([0, 1], 0), ([3], 3)]
)
def test_counts_are_medians_of_what_frames_showed(counts, median):
    target = windows()
    target.advance(at(0))
    for count in counts:
        target.count(at(1), queue=count, people=count)
    (ended,) = target.advance(at(5))
    assert (ended.queue_length, ended.people_present) == (median, median)


def test_a_window_without_frames_says_missing_and_not_zero():
    target = windows()
    target.advance(at(0))
    (ended,) = target.advance(at(5.2))
    assert (ended.frames, ended.queue_length, ended.people_present) == (0, None, None)
    assert ended.expression is None


def test_without_a_waiting_zone_the_queue_is_unknown():
    (ended,) = run(windows(counts_queue=False), [0, 1, 5])
    assert ended.queue_length is None
    assert ended.people_present == 2


def test_readings_count_in_their_own_window_only():
    target = windows()
    target.advance(at(0))
    target.read(timed(1, positive=1.0))
    target.count(at(1), queue=0, people=1)
    (first,) = target.advance(at(5))
    (second,) = target.advance(at(10))
    assert first.expression.positive == 1.0
    assert second.expression is None


def test_a_jump_of_years_gives_one_window_and_not_millions():
    target = windows()
    run(target, [0, 1])
    ended = target.advance(at(3e8))
    assert [second_of(window.ended_at) for window in ended] == [5]
    assert [second_of(w.ended_at) for w in target.advance(at(3e8 + 5))] == [3e8 + 5]


def test_a_clock_set_back_ends_the_window_and_begins_another():
    target = windows()
    run(target, [100, 101])
    (cut,) = target.advance(at(50))
    assert (second_of(cut.ended_at), cut.window_s, cut.frames) == (101.5, 1.5, 2)
    assert [second_of(window.ended_at) for window in target.advance(at(55))] == [55]


def test_a_flush_ends_the_window_one_frame_after_the_last():
    target = windows()
    run(target, [0, 0.5, 1])
    (ended,) = target.flush()
    assert (ended.window_s, ended.frames) == (1.5, 3)
    assert target.flush() == []


def test_a_flush_without_frames_says_nothing():
    target = windows()
    target.advance(at(0))
    assert target.flush() == []
