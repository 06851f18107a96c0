"""Cameras: a recording read as a camera comes, ends and comes back like one that is unplugged."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
import structlog.testing

from edge.capture.live import Camera, live_pictures
from tests.waiting import eventually

from .clips import write_clip


@contextmanager
def running(source, *, first_pause_s=0.01):
    camera = Camera(str(source), first_pause_s=first_pause_s)
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()


def test_a_missing_camera_is_logged_once_and_gives_nothing(tmp_path):
    with structlog.testing.capture_logs() as logs, running(tmp_path / "absent") as camera:
        eventually(lambda: logs, what="the log line")
        assert camera.take(0.3) is None
    assert [entry["event"] for entry in logs] == ["camera_away"]
    assert "absent cannot be opened" in logs[0]["problem"]
    assert "reconnecting" in logs[0]["next"]


def test_an_unplugged_camera_is_reported_and_comes_back(tmp_path):
    clip = write_clip(tmp_path / "a.avi", range(0, 200, 4))
    with structlog.testing.capture_logs() as logs, running(clip) as camera:
        assert camera.take(30) is not None
        eventually(lambda: [e["event"] for e in logs][:2] == ["camera_away", "camera_back"])
        assert camera.take(30) is not None
    assert "stopped giving pictures" in logs[0]["problem"]


def test_a_camera_plugged_in_later_is_found(tmp_path):
    path = tmp_path / "a.avi"
    with running(path) as camera:
        assert camera.take(0.1) is None
        write_clip(tmp_path / "ready.avi", [50] * 20).rename(path)
        eventually(lambda: camera.take(0.1) is not None)


def test_only_the_newest_picture_is_kept(tmp_path):
    clip = write_clip(tmp_path / "a.avi", [10] * 60 + [200])
    with (
        structlog.testing.capture_logs() as logs,
        running(clip, first_pause_s=60) as camera,
    ):
        eventually(lambda: logs, what="the end of the clip")
        assert camera.take(1).image().mean() == pytest.approx(200, abs=3)
        assert camera.take(0.01) is None


def test_pictures_are_paced_and_silence_is_told(tmp_path):
    with live_pictures(str(tmp_path / "absent"), fps=10, no_frame_after_s=0.05) as pictures:
        assert [next(pictures) for _ in range(3)] == [None] * 3


def test_stopping_leaves_no_thread(tmp_path):
    before = set(threading.enumerate())
    with running(tmp_path / "absent"):
        pass
    assert set(threading.enumerate()) <= before
