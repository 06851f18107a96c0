"""Observation windows."""

from __future__ import annotations

import pytest

from edge.analytics.stays import update_stays
from edge.analytics.windows import WindowAggregator

from .people import BENCH, at, second_of, seen, timed


def windows(*, counts_queue=True, interval_s=0.5):
    return WindowAggregator(window_s=5, interval_s=interval_s, counts_queue=counts_queue)


def waiting(count, second=0):
    """Return so many who wait, seen then."""
    return update_stays([], [seen(number, BENCH) for number in range(count)], (), at(second), 3.0)


def run(target, seconds, *, queue=1, people=2):
    ended = []
    for second in seconds:
        ended += target.advance(at(second))
        target.count(at(second), waiting=waiting(queue, second), people=people)
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
        target.count(at(1), waiting=waiting(count, 1), people=count)
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
    target.count(at(1), waiting=[], people=1)
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


def test_who_only_passes_through_is_not_in_the_queue():
    target = WindowAggregator(window_s=5, interval_s=0.5, counts_queue=True, confirm_s=2)
    target.advance(at(0))
    stays = waiting(2)
    for tick in range(9):
        stays[0].update(seen(0, BENCH), at(tick * 0.5))
        stays[1].update(seen(1, (0.1 * tick, 0.25)), at(tick * 0.5))
        target.count(at(tick * 0.5), waiting=list(stays), people=2)
    (ended,) = target.advance(at(5))
    assert (ended.queue_length, ended.people_present) == (1, 2)


def test_arrivals_add_up_and_are_missing_where_nothing_was_seen():
    target = windows()
    target.advance(at(0))
    for second in (1, 2):
        target.count(at(second), waiting=[], people=1, arrivals=second)
    (first,) = target.advance(at(5))
    (second,) = target.advance(at(10))
    assert (first.arrivals, second.arrivals) == (3, None)


def test_moments_out_of_sight_count_but_not_those_after_the_last():
    target = windows()
    target.advance(at(0))
    stays = waiting(1)
    for second in range(5):
        if second not in {1, 2}:  # hidden by others
            stays[0].update(seen(0, BENCH), at(second))
        target.count(at(second), waiting=list(stays), people=1)
    (hidden,) = target.advance(at(5))
    for second in range(5, 10):  # gone, though not yet taken for it
        target.count(at(second), waiting=list(stays), people=0)
    (gone,) = target.advance(at(10))
    assert (hidden.queue_length, gone.queue_length) == (1, 0)
