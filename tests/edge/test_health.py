"""The health message: composed of what is current, honest about what is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.codec import decode, encode
from contract.identifiers import new_id
from contract.messages import LONGEST_TEXT, CameraState, DeviceStatus, Health
from contract.topics import Stream
from edge.health import Backlog, Vitals, compose_farewell, compose_health, read_vitals
from edge.outbox import Component, Status, StatusReport

NOW = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
SESSION = new_id(NOW)
WATCHING = Status(
    camera=CameraState.OK,
    fps=9.8,
    detector="yunet",
    people_detector="fastestdet",
    problems=("no expression model",),
)


def health(
    statuses: Mapping[Component, StatusReport],
    *,
    oldest_at: datetime | None = None,
    problems: tuple[str, ...] = (),
) -> Health:
    return compose_health(
        device="edge-1",
        session=SESSION,
        now=NOW,
        uptime_s=12.0,
        vitals=Vitals(cpu_percent=7.0),
        backlog=Backlog(depth=3, oldest_at=oldest_at),
        statuses=statuses,
        config_version=4,
        problems=problems,
    )


def test_problem_that_is_too_long_shows_that_it_goes_on() -> None:
    long, whole = "x" * (LONGEST_TEXT + 1), "y" * LONGEST_TEXT
    found = health({}, problems=(long, whole)).problems
    assert "x" * (LONGEST_TEXT - 1) + "…" in found
    assert whole in found
    assert len(found) == len(set(found))


def test_current_statuses_are_shown() -> None:
    message = health({Component.WATCH: StatusReport(status=WATCHING, age_s=4.0)})
    assert (message.camera, message.fps, message.detector) == (CameraState.OK, 9.8, "yunet")
    assert message.people_detector == "fastestdet"
    assert message.problems == ("no expression model",)
    assert (message.outbox_depth, message.config_version, message.cpu_percent) == (3, 4, 7.0)


@pytest.mark.parametrize(
    ("age_s", "complaint"),
    [
        (45.0, "watch has not reported for 45 s"),
        (None, "watch has not reported since the last start of the machine"),
    ],
)
def test_old_figures_are_left_out_and_the_silence_is_said(
    age_s: float | None, complaint: str
) -> None:
    message = health({Component.WATCH: StatusReport(status=WATCHING, age_s=age_s)})
    assert (message.camera, message.fps, message.detector) == (None, None, None)
    assert message.problems == (complaint,)


@pytest.mark.parametrize(
    ("oldest_at", "expected_s"),
    [(None, None), (NOW - timedelta(seconds=90), 90.0), (NOW + timedelta(hours=1), 0.0)],
)
def test_age_of_the_backlog_is_never_negative(
    oldest_at: datetime | None, expected_s: float | None
) -> None:
    assert health({}, oldest_at=oldest_at).outbox_oldest_s == expected_s


def test_problems_are_distinct_and_fit_the_contract() -> None:
    many = tuple(f"problem {number % 30} {'x' * 300}" for number in range(60))
    message = health({}, problems=many)
    assert len(message.problems) == 20
    assert decode(Stream.HEALTH, encode(message)) == message


def test_farewell_carries_its_session() -> None:
    message = compose_farewell(device="edge-1", session=SESSION, now=NOW)
    assert (message.status, message.session) == (DeviceStatus.OFFLINE, SESSION)


def test_vitals_are_those_of_this_machine(tmp_path: Path) -> None:
    vitals = read_vitals(tmp_path)
    assert vitals.memory_mb is not None
    assert vitals.memory_mb > 10
    assert vitals.disk_free_mb is not None
    assert 0 <= (vitals.cpu_percent or 0) <= 100


def test_a_disk_that_cannot_be_asked_takes_no_other_figure_away(tmp_path: Path) -> None:
    vitals = read_vitals(tmp_path / "unplugged")
    assert vitals.disk_free_mb is None
    assert vitals.memory_mb is not None
