"""The health message: composed of what is current, honest about what is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.codec import decode, encode
from contract.identifiers import new_id
from contract.messages import CameraState, DeviceStatus, Health, ReportedProblem
from contract.problems import ProblemCode, other, report
from contract.topics import Stream
from edge.health import (
    Backlog,
    HostMetrics,
    Speaker,
    compose_health,
    compose_offline,
    read_host_metrics,
)
from edge.store.outbox import ProcessName, ProcessStatus, StatusReport

NOW = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
SESSION = new_id(NOW)
NO_EXPRESSIONS = report(ProblemCode.NO_EXPRESSIONS)
WATCHING = ProcessStatus(
    camera=CameraState.OK,
    fps=9.8,
    detector="yunet",
    people_detector="fastestdet",
    problem_reports=(NO_EXPRESSIONS,),
)


def health(
    statuses: Mapping[ProcessName, StatusReport],
    *,
    oldest_at: datetime | None = None,
    problems: tuple[ReportedProblem, ...] = (),
) -> Health:
    return compose_health(
        device="edge-1",
        session=SESSION,
        now=NOW,
        uptime_s=12.0,
        host_metrics=HostMetrics(cpu_percent=7.0),
        backlog=Backlog(depth=3, oldest_at=oldest_at),
        statuses=statuses,
        config_version=4,
        problems=problems,
    )


def test_current_statuses_are_shown() -> None:
    message = health({ProcessName.WATCH: StatusReport(status=WATCHING, age_s=4.0)})
    assert (message.camera, message.fps, message.detector) == (CameraState.OK, 9.8, "yunet")
    assert message.people_detector == "fastestdet"
    assert message.problem_reports == (NO_EXPRESSIONS,)
    assert message.problems == (), "sentences are what devices without codes send"
    assert (message.outbox_depth, message.config_version, message.cpu_percent) == (3, 4, 7.0)


@pytest.mark.parametrize(
    ("age_s", "problem"),
    [
        (45.0, report(ProblemCode.SILENT, process="watch", silent_s=45)),
        (None, report(ProblemCode.SILENT_SINCE_START, process="watch")),
    ],
)
def test_old_figures_are_left_out_and_the_silence_is_said(
    age_s: float | None, problem: ReportedProblem
) -> None:
    message = health({ProcessName.WATCH: StatusReport(status=WATCHING, age_s=age_s)})
    assert (message.camera, message.fps, message.detector) == (None, None, None)
    assert message.problem_reports == (problem,)


@pytest.mark.parametrize(
    ("oldest_at", "expected_s"),
    [(None, None), (NOW - timedelta(seconds=90), 90.0), (NOW + timedelta(hours=1), 0.0)],
)
def test_age_of_the_backlog_is_never_negative(
    oldest_at: datetime | None, expected_s: float | None
) -> None:
    assert health({}, oldest_at=oldest_at).outbox_oldest_s == expected_s


def test_problems_are_distinct_and_fit_the_contract() -> None:
    many = tuple(other(f"problem {number % 30} {'x' * 300}") for number in range(60))
    message = health({}, problems=many)
    assert len(message.problem_reports) == 20
    assert len({problem.text for problem in message.problem_reports}) == 20
    assert decode(Stream.HEALTH, encode(message)) == message


def test_the_offline_message_carries_its_session() -> None:
    message = compose_offline(device="edge-1", session=SESSION, now=NOW)
    assert (message.status, message.session) == (DeviceStatus.OFFLINE, SESSION)


def test_vitals_are_those_of_this_machine(tmp_path: Path) -> None:
    host_metrics = read_host_metrics(tmp_path)
    assert host_metrics.memory_mb is not None
    assert host_metrics.memory_mb > 10
    assert host_metrics.disk_free_mb is not None
    assert 0 <= (host_metrics.cpu_percent or 0) <= 100


def test_a_disk_that_cannot_be_asked_takes_no_other_figure_away(tmp_path: Path) -> None:
    host_metrics = read_host_metrics(tmp_path / "unplugged")
    assert host_metrics.disk_free_mb is None
    assert host_metrics.memory_mb is not None


@pytest.mark.parametrize("says", [True, False, None])
def test_health_carries_the_state_of_the_clock_and_who_speaks(says: bool | None) -> None:
    speaker = Speaker(run=new_id(NOW), local_address="10.0.0.7")
    message = compose_health(
        device="edge-1",
        session=SESSION,
        now=NOW,
        uptime_s=1.0,
        host_metrics=HostMetrics(clock_synchronised=says),
        backlog=Backlog(depth=0, oldest_at=None),
        statuses={},
        config_version=None,
        speaker=speaker,
    )
    will = compose_offline(device="edge-1", session=SESSION, now=NOW, speaker=speaker)
    assert message.clock_synchronised is says
    for sent in (message, will):
        assert (sent.run, sent.local_address) == (speaker.run, "10.0.0.7")
