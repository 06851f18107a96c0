"""The unit's health message: the machine's vitals and what its processes say, in one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from contract.identifiers import new_id
from contract.messages import LONGEST_TEXT, DeviceStatus, Health
from contract.problems import Problem
from contract.topics import STREAMS, Stream
from edge.noticeboard import Component, Status, StatusReport

STALE_AFTER_S = 30.0
"""A process that has not reported for this long is said to be silent; they report every 10 s."""

_MEGABYTE = 1_000_000
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What the machine can say about itself; None where it cannot."""

    cpu_percent: float | None = None
    memory_mb: float | None = None
    disk_free_mb: float | None = None
    temperature_c: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in the outbox."""

    depth: int
    oldest_at: datetime | None


def read_vitals(folder: Path) -> Vitals:
    """Return the machine's vitals; the disk is that of `folder`.

    `cpu_percent` is the mean since the last call, over all cores; `memory_mb` what is in use.
    """
    import psutil

    memory = psutil.virtual_memory()
    return Vitals(
        cpu_percent=psutil.cpu_percent(),
        memory_mb=round((memory.total - memory.available) / _MEGABYTE, 1),
        disk_free_mb=_disk_free_mb(folder),
        temperature_c=max(_temperatures(), default=None),
    )


def compose_health(
    *,
    device: str,
    session: UUID,
    now: datetime,
    uptime_s: float,
    vitals: Vitals,
    backlog: Backlog,
    statuses: Mapping[Component, StatusReport],
    config_version: int | None,
    problems: tuple[str, ...] = (),
) -> Health:
    """Return the message that says how the unit is at `now`.

    Its `seq` is 0: it is sent directly and stands outside the outbox's numbers, in which a gap
    would mean a lost message.
    """
    watch = _fresh(statuses.get(Component.WATCH))
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
        expression_model=watch.expression_model,
        cpu_percent=vitals.cpu_percent,
        memory_mb=vitals.memory_mb,
        disk_free_mb=vitals.disk_free_mb,
        temperature_c=vitals.temperature_c,
        config_version=config_version,
        problems=_shortened((*problems, *_problems(statuses))),
    )


def compose_farewell(*, device: str, session: UUID, now: datetime) -> Health:
    """Return the message that says that the unit is gone: its last will, or its good-bye."""
    return Health(
        id=new_id(now),
        device=device,
        seq=0,
        observed_at=now,
        schema=STREAMS[Stream.HEALTH].version,
        status=DeviceStatus.OFFLINE,
        session=session,
        software=version("motcua"),
    )


def _fresh(report: StatusReport | None) -> Status:
    """Return the status while it is current: an old figure would look like a new one."""
    return Status() if report is None or _is_stale(report) else report.status


def _is_stale(report: StatusReport) -> bool:
    return report.age_s is None or report.age_s > STALE_AFTER_S


def _problems(statuses: Mapping[Component, StatusReport]) -> Iterator[str]:
    for component, report in sorted(statuses.items()):
        if not _is_stale(report):
            yield from report.status.problems
        elif report.age_s is None:
            yield Problem.SILENT_SINCE_START.say(process=component)
        else:
            yield Problem.SILENT.say(process=component, silent_s=round(report.age_s))


def _shortened(problems: tuple[str, ...]) -> tuple[str, ...]:
    distinct = dict.fromkeys(map(_cut, problems))
    return tuple(distinct)[:_MOST_PROBLEMS]


def _cut(problem: str) -> str:
    """Return a problem as long as a health message takes; a sign shows that it went on."""
    return problem if len(problem) <= LONGEST_TEXT else problem[: LONGEST_TEXT - 1] + "…"


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
