"""Identities from frame to frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.scene import Box, Detection
from edge.tracking import Tracker

START = datetime(2026, 10, 5, 8, tzinfo=UTC)


def person(left, score=0.9):
    return Detection(box=Box(left=left, top=100, right=left + 60, bottom=180), score=score)


def follow(tracker, *frames, first_s=0.0):
    return [
        [
            track.track_id
            for track in tracker.update(frame, START + timedelta(seconds=first_s + k / 10))
        ]
        for k, frame in enumerate(frames)
    ]


def test_a_track_is_confirmed_by_its_second_frame_and_keeps_its_number():
    ids = follow(Tracker(analysed_fps=10), *([person(100 + 8 * k)] for k in range(10)))
    assert ids == [[]] + [[0]] * 9


def test_tracks_carry_their_own_detections():
    tracker = Tracker(analysed_fps=10)
    for k in range(3):
        tracks = tracker.update([person(300), person(50)], START + timedelta(seconds=k / 10))
    lefts = {track.track_id: track.detection.box.left for track in tracks}
    assert sorted(lefts.values()) == [50, 300]
    assert len(lefts) == 2


@pytest.mark.parametrize(("gap", "same"), [(5, True), (30, False)])
def test_a_short_gap_keeps_the_number_and_a_long_one_does_not(gap, same):
    ids = follow(Tracker(analysed_fps=10), *[[person(100)]] * 5, *[[]] * gap, *[[person(100)]] * 5)
    assert (ids[4] == ids[-1]) is same


def test_a_reset_forgets_everyone_and_repeats_no_number():
    tracker = Tracker(analysed_fps=10)
    before = follow(tracker, *[[person(100), person(400)]] * 3)[-1]
    tracker.reset()
    after = follow(tracker, *[[person(100), person(400)]] * 3, first_s=-3600)[-1]
    assert sorted(before) == [0, 1]
    assert sorted(after) == [2, 3]


def test_nothing_in_view_is_no_track():
    assert follow(Tracker(analysed_fps=10), [], []) == [[], []]
