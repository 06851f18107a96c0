"""The device's health message: the machine's metrics and its processes' statuses in one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from contract.identifiers import new_id
from contract.messages import DeviceStatus, Health, ReportedProblem
from contract.problems import ProblemCode, report
from contract.topics import STREAMS, Stream
from edge.store.shared_state import ProcessName, ProcessStatus, StatusReport
from edge.time_sync import is_synchronised

STALE_AFTER_S = 30.0
"""A process that has not reported for this long counts as silent; they report every 10 s."""

_MEGABYTE = 1_000_000
_MOST_PROBLEMS = 20
_MOST_ZONES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class HostMetrics:
    """What the machine can measure of itself; None where it cannot."""

    cpu_percent: float | None = None
    memory_mb: float | None = None
    disk_free_mb: float | None = None
    temperature_c: float | None = None
    clock_synchronised: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who sends the health: this run of the relay, and its address on the network, once known."""

    run: UUID
    local_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in the outbox."""

    depth: int
    oldest_at: datetime | None


def read_host_metrics(folder: Path) -> HostMetrics:
    """Return the machine's metrics; the disk is that of `folder`.

    `cpu_percent` is the mean since the last call, over all cores; `memory_mb` what is in use.
    """
    import psutil

    memory = psutil.virtual_memory()
    return HostMetrics(
        cpu_percent=psutil.cpu_percent(),
        memory_mb=round((memory.total - memory.available) / _MEGABYTE, 1),
        disk_free_mb=_disk_free_mb(folder),
        temperature_c=read_temperature_c(),
        clock_synchronised=is_synchronised(),
    )


def read_temperature_c() -> float | None:
    """Return the temperature of the machine's hottest sensor, None where it has none."""
    return max(_temperatures(), default=None)


def compose_health(
    *,
    device: str,
    session: UUID,
    now: datetime,
    uptime_s: float,
    host_metrics: HostMetrics,
    backlog: Backlog,
    statuses: Mapping[ProcessName, StatusReport],
    config_version: int | None,
    problems: tuple[ReportedProblem, ...] = (),
    speaker: Speaker | None = None,
) -> Health:
    """Return the health message of the device at `now`.

    Its `seq` is 0: it is sent directly and stands outside the outbox's numbers, in which a gap
    would mean a lost message.
    """
    watch = _fresh(statuses.get(ProcessName.WATCH))
    waiting_since = backlog.oldest_at
    return Health(
        id=new_id(now),
        device=device,
        seq=0,
        observed_at=now,
        schema=STREAMS[Stream.HEALTH].version,
        status=DeviceStatus.ONLINE,
        session=session,
        software=version("motcua"),
        uptime_s=round(uptime_s, 1),
        outbox_depth=backlog.depth,
        outbox_oldest_s=(
            None if waiting_since is None else max(0.0, (now - waiting_since).total_seconds())
        ),
        camera=watch.camera,
        fps=watch.fps,
        detector=watch.detector,
        people_detector=watch.people_detector,
        body_zones=watch.body_zones[:_MOST_ZONES],
        expression_model=watch.expression_model,
        cpu_percent=host_metrics.cpu_percent,
        memory_mb=host_metrics.memory_mb,
        disk_free_mb=host_metrics.disk_free_mb,
        temperature_c=host_metrics.temperature_c,
        config_version=config_version,
        problem_reports=_distinct((*problems, *_problems(statuses))),
        clock_synchronised=host_metrics.clock_synchronised,
        run=None if speaker is None else speaker.run,
        local_address=None if speaker is None else speaker.local_address,
    )


def compose_offline(
    *, device: str, session: UUID, now: datetime, speaker: Speaker | None = None
) -> Health:
    """Return the message that reports the device offline: its last will, and its last one."""
    return Health(
        id=new_id(now),
        device=device,
        seq=0,
        observed_at=now,
        schema=STREAMS[Stream.HEALTH].version,
        status=DeviceStatus.OFFLINE,
        session=session,
        software=version("motcua"),
        run=None if speaker is None else speaker.run,
        local_address=None if speaker is None else speaker.local_address,
    )


def _fresh(latest: StatusReport | None) -> ProcessStatus:
    """Return the status while it is current: an old figure would look like a new one."""
    return ProcessStatus() if latest is None or _is_stale(latest) else latest.status


def _is_stale(latest: StatusReport) -> bool:
    return latest.age_s is None or latest.age_s > STALE_AFTER_S


def _problems(statuses: Mapping[ProcessName, StatusReport]) -> Iterator[ReportedProblem]:
    for process, latest in sorted(statuses.items()):
        if not _is_stale(latest):
            yield from latest.status.problem_reports
        elif latest.age_s is None:
            yield report(ProblemCode.SILENT_SINCE_START, process=process)
        else:
            yield report(ProblemCode.SILENT, process=process, silent_s=round(latest.age_s))


def _distinct(problems: tuple[ReportedProblem, ...]) -> tuple[ReportedProblem, ...]:
    distinct: list[ReportedProblem] = []
    for problem in problems:
        if problem not in distinct:
            distinct.append(problem)
    return tuple(distinct[:_MOST_PROBLEMS])


def _disk_free_mb(folder: Path) -> float | None:
    import psutil

    try:
        return round(psutil.disk_usage(str(folder)).free / _MEGABYTE, 1)
    except OSError:
        return None


def _temperatures() -> Iterator[float]:
    import psutil

    # Absent on some systems, and psutil reads drivers that come and go.
    try:
        sensors = psutil.sensors_temperatures()
    except (AttributeError, OSError):
        return
    yield from (reading.current for readings in sensors.values() for reading in readings)
