"""One way to open them all: live, as it happens, or as fast as can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from contract.messages import CameraState
from edge.analytics.zones import Zone, ZoneKind
from edge.capture.sources import EPOCH, NoFrame, open_replay, open_source
from edge.errors import SourceMissing
from edge.scene import Frame

from .clips import write_clip

LOWER_HALF = Zone(name="m", kind=ZoneKind.MASK, polygon=((0, 0.5), (1, 0.5), (1, 1), (0, 1)))


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "a.avi", [100, 120, 140, 160], fps=20)


def test_a_replay_takes_its_times_from_the_recording(clip):
    with open_replay([str(clip)], fps=30, masks=[]) as frames:
        times = [frame.captured_at for frame in frames]
    assert times == [EPOCH + timedelta(milliseconds=50 * k) for k in range(4)]


def test_no_frame_comes_without_its_mask(clip):
    with open_replay([str(clip)], fps=30, masks=[LOWER_HALF]) as frames:
        replayed = list(frames)
    with open_source(str(clip), fps=30, loop=False, masks=[LOWER_HALF]) as results:
        watched = list(results)
    assert len(replayed) == len(watched) == 4
    for frame in replayed + watched:
        assert not frame.image[24:].any()
        assert frame.image[:24].all()


def test_a_watched_recording_is_stamped_by_the_clock_at_its_own_speed(clip):
    took_s = []
    for _ in range(3):  # a busy machine may be late once, but nothing comes before its time
        began = datetime.now(UTC)
        with open_source(str(clip), fps=30, loop=True, masks=[]) as results:
            times = [result.captured_at for result in islice(results, 9)]
        assert began <= times[0] <= times[-1] <= datetime.now(UTC)
        took_s.append((times[-1] - times[0]).total_seconds())
    assert min(took_s) == pytest.approx(0.4, abs=0.35)


@pytest.mark.parametrize(
    ("source", "state"), [("none", CameraState.OFF), ("/dev/absent", CameraState.MISSING)]
)
def test_a_camera_that_gives_nothing_says_so_every_second(source, state):
    with open_source(source, fps=10, loop=False, masks=[]) as results:
        result = next(results)
    assert isinstance(result, NoFrame)
    assert result.state is state


def test_the_bundled_scene_can_be_watched():
    with open_source("bundled", fps=10, loop=True, masks=[]) as results:
        assert all(isinstance(result, Frame) for result in islice(results, 3))


def test_a_missing_recording_is_named():
    with (
        pytest.raises(SourceMissing, match=r"absent\.mp4"),
        open_replay(["absent.mp4"], fps=10, masks=[]) as frames,
    ):
        list(frames)


@pytest.mark.parametrize("name", ["absent.mp4", "absent.PNG"])
def test_a_missing_recording_is_not_waited_for_as_a_camera_is(tmp_path, name):
    with (
        pytest.raises(SourceMissing, match=name),
        open_source(str(tmp_path / name), fps=10, loop=True, masks=[]) as results,
    ):
        next(results)
