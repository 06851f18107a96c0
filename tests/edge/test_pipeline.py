"""From frames to messages, over pictures of squares that wait, are served and leave."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import cv2
import pytest

from contract.codec import encode
from contract.messages import Observation, Visit, Wait, WaitOutcome
from edge.sections import CameraSettings, ZoneSettings, default_zones
from edge.settings import EdgeSettings, read_settings

from .squares import START, BrightnessReader, assemble_squares, frames, walk

# Default zones: above 0.42 of the height is the waiting zone, below the counter, 0.9 the officer's.
CITIZEN = walk((1, 0.5, 0.2), (6, 0.5, 0.2), (8, 0.5, 0.6), (20, 0.5, 0.6), (22, 1.2, 0.6))
IDLER = walk((3, 0.2, 0.2), (15, 0.2, 0.2), (17, -0.3, 0.2))


def scene(second):
    return [CITIZEN(second), IDLER(second)]


def run(until, *, where=scene, fps=10, reader=None, settings=None):
    settings = settings or read_settings()
    pipeline = assemble_squares(settings, reader=reader).pipeline
    messages = []
    for frame in frames(where, until=until, fps=fps, masks=settings.mask_zones()):
        messages += pipeline.step(frame)
    return [*messages, *pipeline.close()]


def of(kind, messages):
    return [message for message in messages if isinstance(message, kind)]


def seconds(time):
    return (time - START).total_seconds()


def test_a_citizen_gives_one_wait_and_one_visit():
    messages = run(30)
    (visit,) = of(Visit, messages)
    assert seconds(visit.started_at) == pytest.approx(7.1, abs=0.2)
    assert seconds(visit.observed_at) == pytest.approx(21.5, abs=0.4)
    assert visit.wait_s == pytest.approx(5.9, abs=0.3)
    assert visit.complete
    waits = {wait.outcome: wait.wait_s for wait in of(Wait, messages)}
    assert waits[WaitOutcome.SERVED] == pytest.approx(5.9, abs=0.3)
    assert waits[WaitOutcome.LEFT] == pytest.approx(13, abs=0.6)


def test_windows_tell_who_is_in_view_and_who_waits():
    windows = of(Observation, run(30))
    assert [seconds(window.observed_at) for window in windows] == [5, 10, 15, 20, 25, 30]
    assert [(w.people_present, w.queue_length) for w in windows] == [
        (1, 1), (2, 1), (2, 1), (1, 0), (0, 0), (0, 0),
    ]  # fmt: skip
    assert {window.frames for window in windows} == {50}
    assert {window.fps for window in windows} == {10}


@pytest.mark.parametrize(("fps", "detect_every"), [(5, 1), (10, 3), (15, 1), (30, 6)])
def test_the_visit_is_the_same_at_any_rate(monkeypatch, fps, detect_every):
    monkeypatch.setenv("MOTCUA_EDGE__CAMERA__FPS", str(fps))
    monkeypatch.setenv("MOTCUA_EDGE__VISION__DETECT_EVERY", str(detect_every))
    messages = run(30, fps=fps)
    (visit,) = of(Visit, messages)
    assert visit.service_s == pytest.approx(14.4, abs=0.8)
    assert of(Observation, messages)[1].frames == pytest.approx(5 * fps / detect_every, abs=1)


SIZES_PX = {"4K": [(3840, 2160)], "portrait": [(240, 320)], "changing": [(320, 240), (640, 360)]}


@pytest.mark.parametrize("sizes_px", SIZES_PX.values(), ids=SIZES_PX)
def test_the_visit_is_the_same_at_any_size_and_when_the_size_changes(monkeypatch, sizes_px):
    monkeypatch.setenv("MOTCUA_EDGE__CAMERA__FPS", "2")
    stands = walk((0, 0.5, 0.6), (8, 0.5, 0.6), (10, 1.2, 0.6))
    pipeline = assemble_squares().pipeline
    messages = []
    for frame in frames(lambda second: [stands(second)], until=12, fps=2):
        size_px = sizes_px[frame.index // 8 % len(sizes_px)]  # another one every four seconds
        image = cv2.resize(frame.image, size_px, interpolation=cv2.INTER_NEAREST)
        messages += pipeline.step(dataclasses.replace(frame, image=image))
    (visit,) = of(Visit, [*messages, *pipeline.close()])
    assert visit.service_s == pytest.approx(8.5, abs=1.5)


def test_a_camera_of_one_frame_a_second_counts_who_stands_still(monkeypatch):
    monkeypatch.setenv("MOTCUA_EDGE__CAMERA__FPS", "1")
    messages = run(30, fps=1)
    (visit,) = of(Visit, messages)
    # Who walks so far between two frames is not followed: the visit begins where they stand.
    assert visit.service_s == pytest.approx(12, abs=1.5)
    assert {window.fps for window in of(Observation, messages)} == {1}


def test_the_same_frames_give_the_same_bytes():
    first, again = ([encode(message) for message in run(30)] for _ in range(2))
    assert first == again


def test_who_is_still_there_at_the_end_gives_an_incomplete_visit():
    (visit,) = of(Visit, run(15))
    assert not visit.complete
    assert seconds(visit.observed_at) == pytest.approx(14.9)


def test_nobody_on_the_officers_side_is_counted():
    def officer(second):
        return [(0.5, 0.98 + 0.001 * (second % 1))]

    messages = run(10, where=officer)
    assert of(Visit, messages) == []
    assert {window.people_present for window in of(Observation, messages)} == {0}


def test_expressions_are_read_a_few_times_a_second_and_summed_up():
    reader = BrightnessReader()
    messages = run(30, reader=reader)
    in_view_s = 21 + 14
    assert reader.asked == pytest.approx(in_view_s * 3, rel=0.25)
    (visit,) = of(Visit, messages)
    assert visit.expression.positive == pytest.approx(150 / 255, abs=0.01)
    assert visit.expression.faces == 1
    assert visit.expression_change == 0
    assert of(Observation, messages)[1].expression.faces == 2


def test_without_a_reader_it_counts_all_the_same():
    (visit,) = of(Visit, run(30))
    assert visit.expression is None
    assert visit.expression_change is None


def test_a_clock_set_back_cuts_the_visit_short_and_goes_on():
    pipeline = assemble_squares().pipeline
    messages = []
    for frame in frames(scene, until=15):
        messages += pipeline.step(frame)
    early = START - timedelta(hours=1)
    for frame in frames(lambda second: [(0.5, 0.6)], until=8, start=early):
        messages += pipeline.step(frame)
    messages += pipeline.close()
    cut, again = of(Visit, messages)
    assert not cut.complete
    assert again.started_at > early
    assert again.service_s == pytest.approx(8, abs=0.5)


@pytest.mark.parametrize("step", [timedelta(minutes=1), timedelta(days=3)])
def test_a_clock_set_forward_cuts_the_visit_short_and_makes_no_one_leave(step):
    """A Raspberry Pi starts with the time of its last shutdown until the network tells it."""
    pipeline = assemble_squares().pipeline
    messages = []
    for start in (START, START + timedelta(seconds=8) + step):
        for frame in frames(lambda second: [(0.5, 0.6), (0.2, 0.2)], until=8, start=start):
            messages += pipeline.step(frame)
    messages += pipeline.close()
    visits = of(Visit, messages)
    assert [visit.complete for visit in visits] == [False, False]
    assert [visit.service_s for visit in visits] == pytest.approx([8, 8], abs=0.5)
    assert of(Wait, messages) == []


def test_while_no_frame_comes_windows_say_missing():
    pipeline = assemble_squares().pipeline
    for frame in frames(scene, until=2):
        pipeline.step(frame)
    messages = [m for s in range(3, 17) for m in pipeline.tick(START + timedelta(seconds=s))]
    assert [(seconds(m.observed_at), m.frames) for m in messages] == [(5, 20), (10, 0), (15, 0)]
    assert messages[1].people_present is None
    assert messages[1].queue_length is None


def split(left, right):
    """Return settings of one camera with a counter at the left and one at the right."""
    sides = {"left": (0.0, 0.5, left), "right": (0.5, 1.0, right)}
    zones = [
        ZoneSettings(
            name=name,
            kind="service",
            polygon=((x0, 0.42), (x1, 0.42), (x1, 0.9), (x0, 0.9)),
            counter=counter,
        )
        for name, (x0, x1, counter) in sides.items()
    ]
    hall = ZoneSettings(name="hall", kind="waiting", polygon=((0, 0), (1, 0), (1, 0.42), (0, 0.42)))
    return EdgeSettings(zones=(*zones, hall))


def test_one_camera_counts_for_several_counters():
    left = walk((0, 0.2, 0.2), (6, 0.2, 0.2), (7, 0.2, 0.7), (16, 0.2, 0.7), (17, -0.3, 0.7))
    right = walk((0, 0.7, 0.2), (9, 0.7, 0.2), (10, 0.7, 0.7), (18, 0.7, 0.7), (19, 1.3, 0.7))
    messages = run(26, where=lambda at: [left(at), right(at)], settings=split(None, "counter-2"))
    assert sorted(visit.counter or "own" for visit in of(Visit, messages)) == ["counter-2", "own"]
    assert {wait.counter or "own" for wait in of(Wait, messages)} == {"counter-2", "own"}
    first = {o.counter or "own": o for o in of(Observation, messages)[:2]}
    assert first["own"].queue_length == 2
    assert first["counter-2"].queue_length is None
    assert sum(o.arrivals for o in of(Observation, messages)) == 2
    assert len({message.id for message in messages}) == len(messages)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"camera": "elsewhere"}, "names the camera elsewhere; known: camera, second"),
        ({"name": "service"}, "two of the zones are called service"),
        ({"camera": "second"}, "counter-1 is watched by the camera camera already"),
    ],
)
def test_cameras_and_zones_that_do_not_fit_are_refused(document, reason):
    zone = {
        "name": "extra", "kind": "service", "polygon": ((0, 0), (1, 0), (1, 1)), **document
    }  # fmt: skip
    with pytest.raises(ValueError, match=reason):
        EdgeSettings(
            cameras=(CameraSettings(name="second"),),
            zones=(*default_zones(), ZoneSettings(**zone)),
        )


def test_who_waits_now_gives_the_expected_wait_of_who_comes():
    pipeline = assemble_squares(read_settings()).pipeline
    assert pipeline.expected_waits() == {}
    served = [
        walk((12 * n, 0.5, 0.7), (12 * n + 7, 0.5, 0.7), (12 * n + 8, 1.4, 0.7)) for n in range(5)
    ]
    waiting = walk((52, 0.3, 0.2), (80, 0.3, 0.2))
    for frame in frames(lambda at: [waiting(at), *(one(at) for one in served)], until=66):
        pipeline.step(frame)
    expected = pipeline.expected_waits()["counter-1"]
    assert expected.services == 5
    assert expected.low_s <= expected.wait_s <= expected.high_s
