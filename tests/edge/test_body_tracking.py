"""The pipeline with a person detector beside the face detector, on people told by a script."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from contract.messages import Observation, Visit, Wait, WaitOutcome
from edge.assembly import assemble
from edge.errors import ModelMissing
from edge.pipeline import Pipeline
from edge.replay import replay
from edge.scene import Box, Detection, Frame
from edge.settings import read_settings
from edge.tracking import BodyTracker, Tracker
from runtime.errors import SettingInvalid

from .squares import START, walk

WIDTH_PX, HEIGHT_PX, FACE_PX, BODY_PX = 640, 480, 24, 80
FPS = 10


class Script:
    """A detector that sees what the script says of a second."""

    name = "script"

    def __init__(self, boxes):
        self._boxes = boxes
        self.second = 0.0
        self.asked = 0

    def detect(self, image):
        self.asked += 1
        return [Detection(box=box, score=0.9) for box in self._boxes(self.second)]


def face(x, y):
    x, y, half = x * WIDTH_PX, y * HEIGHT_PX, FACE_PX / 2
    return Box(left=x - half, top=y - half, right=x + half, bottom=y + half)


def body(x, y):
    """The body whose head is at (x, y)."""
    x, top = x * WIDTH_PX, y * HEIGHT_PX - 0.3 * BODY_PX
    return Box(left=x - BODY_PX / 2, top=top, right=x + BODY_PX / 2, bottom=top + 3 * BODY_PX)


def run(faces, bodies, *, until, per_s=2.0):
    """Return the messages of a scene; both scripts map a second to boxes."""
    detector, people = Script(faces), Script(bodies)
    pipeline = Pipeline(
        settings=read_settings(),
        detector=detector,
        expression=None,
        tracker=Tracker(analysed_fps=FPS),
        bodies=BodyTracker(people, Tracker(analysed_fps=per_s), per_s=per_s),
    )
    image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    messages = []
    for index in range(until * FPS):
        detector.second = people.second = index / FPS
        now = START + timedelta(seconds=index / FPS)
        messages += pipeline.step(Frame(image=image, captured_at=now, index=index))
    return [*messages, *pipeline.close()], people


def of(kind, messages):
    return [message for message in messages if isinstance(message, kind)]


# Default zones: the head above 0.42 of the height waits, below that it is at the counter.
CITIZEN = walk((0, 0.5, 0.2), (14, 0.5, 0.2), (17, 0.5, 0.6), (30, 0.5, 0.6), (33, 1.2, 0.6))


def test_who_waits_with_their_back_to_the_camera_waits_and_is_then_served():
    messages, _ = run(
        lambda s: [face(*CITIZEN(s))] if 16 < s < 33 else [],
        lambda s: [body(*CITIZEN(s))] if s < 33 else [],
        until=40,
    )
    (visit,) = of(Visit, messages)
    assert visit.wait_s == pytest.approx(15, abs=1)
    assert visit.complete
    (wait,) = of(Wait, messages)
    assert wait.outcome is WaitOutcome.SERVED
    windows = of(Observation, messages)
    assert [window.queue_length for window in windows[:3]] == [1, 1, 1]
    assert max(window.people_present for window in windows) == 1


def test_who_is_seen_as_face_and_as_body_waits_once():
    messages, _ = run(lambda _: [face(0.5, 0.2)], lambda _: [body(0.5, 0.2)], until=20)
    assert {window.queue_length for window in of(Observation, messages)} == {1}
    assert {window.people_present for window in of(Observation, messages)} == {1}


def test_a_queue_of_faces_and_backs_is_counted_whole():
    messages, _ = run(
        lambda _: [face(0.2, 0.2), face(0.4, 0.2)],
        lambda _: [body(0.2, 0.2), body(0.6, 0.2), body(0.8, 0.2)],
        until=20,
    )
    assert {window.queue_length for window in of(Observation, messages)[1:]} == {4}


def test_whoever_walks_past_the_counter_without_a_face_is_no_visit():
    messages, _ = run(lambda _: [], lambda _: [body(0.5, 0.6)], until=20)
    assert of(Visit, messages) == []
    assert {window.queue_length for window in of(Observation, messages)} == {0}
    assert of(Observation, messages)[-1].people_present == 1


def test_a_visitor_who_turns_away_for_long_is_one_visit():
    messages, _ = run(
        lambda s: [] if 8 < s < 20 else [face(0.5, 0.6)] if s < 30 else [],
        lambda s: [body(0.5, 0.6)] if s < 30 else [],
        until=40,
    )
    (visit,) = of(Visit, messages)
    assert visit.service_s == pytest.approx(30, abs=1)


@pytest.mark.parametrize("per_s", [1.0, 2.0, 5.0])
def test_people_are_looked_for_at_their_own_pace(per_s):
    _, people = run(lambda _: [], lambda _: [body(0.5, 0.2)], until=20, per_s=per_s)
    assert people.asked == pytest.approx(20 * per_s, abs=2)


def settings(monkeypatch, **vision):
    for key, value in vision.items():
        monkeypatch.setenv(f"MOTCUA_EDGE__VISION__{key.upper()}", str(value))
    return read_settings()


@pytest.mark.shared
def test_auto_takes_the_person_detector_that_manifests_prefer(shared, monkeypatch):
    assembly = assemble(settings(monkeypatch, people="auto"), models=shared / "models")
    assert (assembly.detector, assembly.people_detector) == ("motcua-face", "yolox-nano")
    assembly = assemble(settings(monkeypatch, people="fastestdet"), models=shared / "models")
    assert assembly.people_detector == "fastestdet"
    assembly = assemble(settings(monkeypatch, people="none"), models=shared / "models")
    assert assembly.people_detector == ""


@pytest.mark.shared
def test_a_second_detector_of_people_is_refused(shared, monkeypatch):
    both = settings(monkeypatch, people="auto", detector="fastestdet")
    with pytest.raises(SettingInvalid, match='finds people already; set people to "none"'):
        assemble(both, models=shared / "models")


@pytest.mark.shared
def test_a_person_detector_that_is_not_there_is_said(shared, monkeypatch):
    with pytest.raises(ModelMissing, match="no model is called other"):
        assemble(settings(monkeypatch, people="other"), models=shared / "models")


@pytest.mark.shared
@pytest.mark.parametrize("people", ["yolox-nano", "fastestdet"])
def test_people_seen_from_above_and_behind_are_counted_as_waiting(shared, monkeypatch, people):
    zone = [{"name": "aisle", "kind": "waiting", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}]
    clip = shared / "data" / "video" / "store-aisle-detection.gif"

    def queues(people):
        chosen = settings(monkeypatch, people=people, people_per_s=10)
        chosen = chosen.model_copy(
            update={"zones": tuple(type(chosen.zones[0]).model_validate(one) for one in zone)}
        )
        assembly = assemble(chosen, models=shared / "models")
        messages = replay(chosen, assembly, [str(clip)])
        return [window.queue_length for window in of(Observation, messages)]

    assert max(queues("none")) == 0
    assert max(queues(people)) >= 1
