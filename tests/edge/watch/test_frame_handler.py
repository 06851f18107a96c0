"""What watch does with results: counts, says how it is, and goes on whatever happens."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import numpy as np
import pytest
import structlog.testing

from contract.codec import decode, encode
from contract.identifiers import new_id
from contract.messages import CameraState, Observation, Presence, PromptOpener, Visit
from contract.problems import ProblemCode, report
from contract.topics import Stream
from edge.capture.sources import NoFrame
from edge.health import Backlog, HostMetrics, compose_health
from edge.scene import Frame
from edge.sections import CameraSettings, ZoneSettings, default_zones
from edge.settings import EdgeSettings
from edge.store.attendance import presence_at
from edge.store.outbox import Outbox, ProcessName
from edge.store.prompts import PromptBook
from edge.watch.frame_handler import FrameHandler, VisitPrompts, report_not_watching
from tests.edge.squares import (
    START,
    BrightnessReader,
    SquareDetector,
    assemble_squares,
    frames,
    walk,
)

CITIZEN = walk((0, 0.5, 0.6), (8, 0.5, 0.6), (10, 1.2, 0.6))


def scene(second):
    return [CITIZEN(second)]


@pytest.fixture
def outbox(tmp_path):
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as opened:
        yield opened


def stored(outbox):
    return [decode(row.stream, row.payload) for row in outbox.waiting(100)]


def status(outbox):
    return outbox.statuses()[ProcessName.WATCH].status


def problems(outbox):
    return [problem.code for problem in status(outbox).problem_reports]


def missing(first, last, state=CameraState.MISSING):
    return [
        NoFrame(at=START + timedelta(seconds=second), state=state) for second in range(first, last)
    ]


def paint(level, first, last):
    """Yield frames of one grey level, as a covered or dead camera gives them."""
    for index in range(first * 10, last * 10):
        yield Frame(
            image=np.full((240, 320, 3), level, np.uint8),
            captured_at=START + timedelta(seconds=index / 10),
            index=index,
        )


def run(outbox, *results, reader=None, **options):
    handler = FrameHandler(outbox, assemble_squares(reader=reader), **options)
    for result in [one for many in results for one in many]:
        handler.handle(result)
    return handler


def test_messages_reach_the_outbox_numbered_in_order(outbox):
    run(outbox, frames(scene, until=16)).finish()
    messages = stored(outbox)
    assert [message.seq for message in messages] == [*range(1, len(messages) + 1)]
    assert [type(message) for message in messages].count(Visit) == 1
    assert [type(message) for message in messages].count(Observation) == 4


def test_it_reports_camera_models_and_what_is_missing(outbox):
    handler = run(outbox, frames(scene, until=1))
    assert status(outbox).camera is CameraState.OK
    assert status(outbox).detector == "squares"
    assert status(outbox).people_detector is status(outbox).expression_model is None
    assert problems(outbox) == [ProblemCode.NO_EXPRESSIONS]
    handler.finish()
    assert status(outbox).camera is CameraState.OFF


def test_with_all_models_it_has_no_complaint(outbox):
    run(outbox, frames(scene, until=1), reader=BrightnessReader())
    assert status(outbox).problem_reports == ()


@pytest.mark.parametrize(
    ("lost", "state"),
    [
        (missing(5, 21), CameraState.MISSING),
        ([*paint(0, 5, 21)], CameraState.BLACK),
        ([*paint(60, 5, 25)], CameraState.FROZEN),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_lost_sight_cuts_visits_short_and_windows_say_missing(outbox, lost, state):
    handler = run(outbox, frames(scene, until=5), lost)
    assert status(outbox).camera is state
    assert ProblemCode[f"CAMERA_{state.name}"] in problems(outbox)
    handler.finish()
    messages = stored(outbox)
    empty = [m for m in messages if isinstance(m, Observation) and m.frames == 0]
    assert len(empty) >= 1
    assert {m.people_present for m in empty} == {None}
    (visit,) = [m for m in messages if isinstance(m, Visit)]
    assert visit.service_s < 9


def test_a_camera_that_comes_back_counts_again(outbox):
    with structlog.testing.capture_logs() as logs:
        back = frames(lambda second: [(0.3, 0.6)], until=8, start=START + timedelta(seconds=20))
        run(outbox, frames(scene, until=5), missing(5, 20), back).finish()
    states = [entry["state"] for entry in logs if entry["event"] == "camera_state"]
    assert states == [CameraState.MISSING, CameraState.OK]
    assert len([m for m in stored(outbox) if isinstance(m, Visit)]) == 2


def test_covered_camera_is_warned_of_once_with_what_to_do(outbox):
    with structlog.testing.capture_logs() as logs:
        run(outbox, frames(scene, until=5), paint(0, 5, 15))
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    assert (warning["state"], warning["event"]) == (CameraState.BLACK, "camera_state")
    assert "lens cover" in warning["problem"]


def test_a_unit_without_a_camera_reports_nothing_seen(outbox):
    run(outbox, missing(0, 30, CameraState.OFF)).finish()
    assert stored(outbox) == []
    assert status(outbox).camera is CameraState.OFF


def test_a_full_outbox_is_logged_once_and_counted_and_watch_goes_on(tmp_path):
    with (
        Outbox.open(tmp_path / "edge.sqlite3", max_rows=4, reserve_mb=0) as outbox,
        structlog.testing.capture_logs() as logs,
    ):
        seconds = iter(range(0, 100_000, 10))  # a status is due at every frame
        handler = run(outbox, frames(scene, until=26), monotonic_s=lambda: next(seconds))
        assert ProblemCode.OUTBOX_FULL in problems(outbox)
        outbox.delete([row.id for row in outbox.waiting(10)])
        for frame in frames(scene, until=6, start=START + timedelta(seconds=27)):
            handler.handle(frame)
        handler.finish()
    events = [entry["event"] for entry in logs]
    assert events.count("messages_not_stored") == 1
    assert events.count("messages_stored_again") == 1
    assert logs[-1]["messages_lost"] >= 3


def test_a_frame_that_cannot_be_analysed_is_counted_and_left_out(outbox):
    broken = Frame(image=np.zeros((0, 0, 3), np.uint8), captured_at=START, index=0)
    with structlog.testing.capture_logs() as logs:
        handler = run(outbox, [broken] * 3, frames(scene, until=6))
        handler.finish()
        assert ProblemCode.FRAMES_FAILED in problems(outbox)
    assert [entry["event"] for entry in logs].count("frame_failed") == 1
    assert logs[-1]["frames_failed"] == 3
    assert any(isinstance(message, Observation) for message in stored(outbox))


def test_a_long_reason_fits_the_health_message(outbox):
    report_not_watching(outbox, "x" * 1000)
    expected = report(ProblemCode.NOT_WATCHING, cause="x" * 1000)
    health = compose_health(
        device="edge-1",
        session=new_id(START),
        now=START,
        uptime_s=1.0,
        host_metrics=HostMetrics(),
        backlog=Backlog(depth=0, oldest_at=None),
        statuses=outbox.statuses(),
        config_version=None,
    )
    assert decode(Stream.HEALTH, encode(health)).problem_reports == (expected,)
    assert expected.text.endswith("x…")


def assemble_two(settings):
    """Return the squares' assembly with a pipeline for each camera of `settings`."""
    views = {view.camera.name: assemble_squares(view).pipeline for view in settings.views()}
    return dataclasses.replace(assemble_squares(settings), pipelines=views)


TWO_CAMERAS = EdgeSettings(
    cameras=(CameraSettings(name="second"),),
    zones=(
        *default_zones(),
        ZoneSettings(
            name="other",
            kind="service",
            polygon=((0, 0.42), (1, 0.42), (1, 0.9), (0, 0.9)),
            counter="counter-2",
            camera="second",
        ),
    ),
)


def test_each_camera_counts_for_its_own_counters_and_one_that_fails_stops_no_other(outbox):
    handler = FrameHandler(outbox, assemble_two(TWO_CAMERAS))
    lost = iter(missing(0, 16))
    for index, frame in enumerate(frames(scene, until=16)):
        handler.handle(frame, "second")
        if index % 10 == 0:
            handler.handle(next(lost), "camera")
    assert status(outbox).camera is CameraState.MISSING
    (named,) = [p for p in status(outbox).problem_reports if p.code == ProblemCode.CAMERA_NAMED]
    assert named.parameters == {"camera": "camera"}
    assert named.cause.code == ProblemCode.CAMERA_MISSING
    handler.finish()
    messages = stored(outbox)
    assert [m.counter for m in messages if isinstance(m, Visit)] == ["counter-2"]
    counted = {m.counter: m.people_present for m in messages if isinstance(m, Observation)}
    assert counted.keys() == {None, "counter-2"}
    assert counted[None] is None


class SlowDetector(SquareDetector):
    """Takes 95 ms by the clock of its own that it counts on."""

    def __init__(self):
        self.now_s = 0.0

    def detect(self, image):
        self.now_s += 0.095
        return super().detect(image)


def test_a_device_that_cannot_keep_up_detects_more_seldom_and_says_so(outbox):
    detector = SlowDetector()
    with structlog.testing.capture_logs() as logs:
        handler = FrameHandler(
            outbox,
            assemble_squares(detector=detector),
            monotonic_s=lambda: detector.now_s,
            temperature_c=lambda: 50.0,
        )
        for frame in frames(scene, until=25):
            detector.now_s = max(detector.now_s, (frame.captured_at - START).total_seconds())
            handler.handle(frame)
    paces = [entry for entry in logs if entry["event"] == "detection_pace"]
    assert paces[0]["detect_every"] == 2
    assert paces[0]["busy_share"] > 0.9
    assert len(paces) == 1, "every second frame fits, and it does not swing back"


def test_a_visit_that_is_over_asks_for_a_rating_by_the_name_it_had_while_under_way(outbox):
    book = PromptBook(outbox=outbox, device="edge-1", counter="counter-1")
    prompts = VisitPrompts(book=book, lasts_s=45)
    handler = FrameHandler(outbox, assemble_squares(), prompts=prompts)
    under_way = None
    for frame in frames(scene, until=20):
        handler.handle(frame)
        presence, visit = presence_at(outbox, "counter-1")
        assert presence is Presence.CITIZEN
        under_way = visit or under_way
    (visit,) = [message for message in stored(outbox) if isinstance(message, Visit)]
    assert presence_at(outbox, "counter-1") == (Presence.CITIZEN, None)
    pending = book.pending("counter-1", now=visit.observed_at + timedelta(seconds=10))
    assert (pending.visit, pending.opened_by) == (visit.id, PromptOpener.VISIT_END)
    assert under_way == visit.id


def test_a_visit_that_was_cut_off_asks_nobody(outbox):
    book = PromptBook(outbox=outbox, device="edge-1", counter="counter-1")
    handler = FrameHandler(outbox, assemble_squares(), prompts=VisitPrompts(book=book, lasts_s=45))
    for frame in frames(scene, until=6):
        handler.handle(frame)
    handler.finish()
    (visit,) = [message for message in stored(outbox) if isinstance(message, Visit)]
    assert not visit.complete
    assert book.pending("counter-1", now=visit.observed_at) is None
