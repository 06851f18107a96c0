"""`motcua edge replay` over real recordings with real models."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from contract.codec import decode
from contract.messages import Observation, Visit, Wait, WaitOutcome
from contract.topics import Stream
from edge.capture.sources import EPOCH
from edge.capture.synthetic.timeline import ACTORS, PERIOD_S
from edge.cli import command
from edge.errors import SourceMissing

ONE_BY_ONE = Path(__file__).with_name("one_by_one.toml")
GRACE_S = 3.0
SERVICE_Y = 0.42  # where the default zones part the waiting from the served
STREAM_BY_KEY = {"service_s": Stream.VISIT, "outcome": Stream.WAIT, "window_s": Stream.OBSERVATION}


@pytest.fixture
def replay():
    """Run the command with the bundled models and return its output; it must succeed."""

    def run(*arguments):
        arguments = ["replay", *map(str, arguments)]
        result = CliRunner().invoke(command, arguments, prog_name="edge", catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def messages(output):
    return [decode(_stream(line), line.encode()) for line in output.splitlines()]


def _stream(line):
    (stream,) = {stream for key, stream in STREAM_BY_KEY.items() if key in json.loads(line)}
    return stream


def of(kind, found):
    return [message for message in found if isinstance(message, kind)]


def seconds(time):
    return (time - EPOCH).total_seconds()


@pytest.mark.shared
def test_people_seen_from_behind_give_their_three_visits(replay, shared):
    clip = shared / "data/video/one_by_one_part1.mp4"
    visits = of(Visit, messages(replay(clip, "--config", ONE_BY_ONE, "--json")))
    with (shared / "data/video/visits_part1.csv").open(encoding="utf-8") as file:
        truth = [
            (float(row["standing_from_s"]), float(row["standing_to_s"]))
            for row in csv.DictReader(file)
        ]
    found = [(seconds(visit.started_at), seconds(visit.observed_at)) for visit in visits]
    assert len(found) == len(truth) == 3
    for one, other in zip(found, truth, strict=True):
        assert one == pytest.approx(other, abs=1.5)
    assert all(visit.complete and visit.expression is None for visit in visits)


@pytest.mark.shared
def test_without_faces_a_face_detector_counts_nobody_and_says_so(replay, shared):
    found = messages(replay(shared / "data/video/one_by_one_part1.mp4", "--json"))
    assert of(Visit, found) == []
    windows = of(Observation, found)
    assert len(windows) == 15
    assert {window.people_present for window in windows} == {0}
    assert {window.expression for window in windows} == {None}
    assert sum(window.frames for window in windows) == 361


@pytest.mark.shared
@pytest.mark.parametrize(
    ("clip", "people"),
    [
        ("classroom.gif", 4),
        ("face-demographics-walking-and-pause.gif", 3),
        ("head-pose-face-detection-female-and-male.gif", 2),
        ("head-pose-face-detection-female.gif", 1),
    ],
)
def test_previews_with_faces_show_as_many_people(replay, shared, clip, people):
    windows = of(Observation, messages(replay(shared / "data/video" / clip, "--json")))
    assert max(window.people_present for window in windows) == people


@pytest.mark.shared
def test_the_same_recording_gives_the_same_bytes(replay, shared):
    clip = shared / "data/video/face-demographics-walking-and-pause.gif"
    first, again = (replay(clip, "--json") for _ in range(2))
    assert first
    assert first == again


@pytest.mark.shared
def test_messages_are_numbered_from_one_and_start_when_asked(replay, shared):
    clip = shared / "data/video/classroom.gif"
    found = messages(replay(clip, "--json", "--start", "2026-10-05T01:00:00"))
    assert [message.seq for message in found] == [*range(1, len(found) + 1)]
    assert {message.observed_at.strftime("%Y-%m-%d %H:%M") for message in found} == {
        "2026-10-05 01:00"
    }


@pytest.fixture(
    params=[
        "motcua-face",
        "motcua-face-int8",
        pytest.param("yunet-n", marks=pytest.mark.shared),
    ]
)
def detector(request, monkeypatch):
    """The bundled detectors, and YuNet where its weights are at hand."""
    if request.param == "yunet-n":
        request.getfixturevalue("shared")
    monkeypatch.setenv("MOTCUA_EDGE__VISION__DETECTOR", request.param)


@pytest.mark.usefixtures("detector")
def test_the_bundled_scene_gives_the_visits_and_waits_of_its_timeline(replay):
    found = messages(replay("bundled", "--json"))
    expected = sorted(_served(actor) for actor in ACTORS if actor.is_served)
    visits = sorted((seconds(v.started_at), seconds(v.observed_at)) for v in of(Visit, found))
    assert len(visits) == len(expected) == 8
    for one, other in zip(visits, expected, strict=True):
        assert one == pytest.approx(other, abs=0.7)
    assert min(ended_s for _, ended_s in visits) + GRACE_S < 15, "a newcomer sees it that soon"
    outcomes = [wait.outcome for wait in of(Wait, found)]
    assert outcomes.count(WaitOutcome.SERVED) == 8
    assert outcomes.count(WaitOutcome.LEFT) == 1
    assert all(visit.complete and visit.wait_s is not None for visit in of(Visit, found))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("recording", "visits_s", "waits_s"),
    [
        ("cfr.mp4", [7.6, 10.3, 10.7], [2.2, 6.1, 7.1]),
        ("vfr.mp4", [7.6, 10.3, 10.7], [2.2, 6.1, 7.1]),  # a frame every 0.5 s from 10 s on
        ("stills-unpadded", [7.7, 3.1], [2.2, 6.1]),
        ("clips-one-empty", [7.6, 10.3], [2.2, 6.1, 7.2]),
        ("sar-1-2.mp4", [7.6, 5.1], [2.2, 6.1]),
        ("av1.mp4", [7.6, 5.1], [2.2, 6.1]),
        ("anim.webp", [6.5], [2.2]),
    ],
)
def test_each_kind_of_recording_gives_the_visits_that_a_player_would_show(
    replay, shared, monkeypatch, recording, visits_s, waits_s
):
    monkeypatch.setenv("MOTCUA_EDGE__VISION__DETECT_EVERY", "1")
    source = shared / "faults" / recording
    if not source.exists():
        pytest.skip(f"{recording} is not there")
    found = messages(replay(source, "--json"))
    visits = [visit.service_s for visit in of(Visit, found)]
    waits = [wait.wait_s for wait in of(Wait, found)]
    assert visits[: len(visits_s)] == pytest.approx(visits_s, abs=0.15)
    assert waits[: len(waits_s)] == pytest.approx(waits_s, abs=0.15)


@pytest.mark.shared
def test_for_people_it_prints_lines(replay, shared):
    output = replay(shared / "data/video/classroom.gif")
    assert "4 in view, 0 waiting" in output


def test_a_missing_recording_is_one_line(replay):
    with pytest.raises(SourceMissing) as caught:
        replay("absent.mp4")
    assert str(caught.value) == "recording absent.mp4 is not there; check the path"


def _served(actor):
    """Return from when to when the script has an actor's face in the service zone and in view."""
    times = [
        tick / 20
        for tick in range(int(PERIOD_S * 20))
        if (pose := actor.pose(tick / 20)) is not None and pose.y >= SERVICE_Y and 0 < pose.x < 1
    ]
    return times[0], times[-1]
