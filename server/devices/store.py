"""Reads the devices with their latest health."""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from contract.messages import ReportedProblem
from contract.problems import sentence
from contract.readings import DeviceProblem, DeviceReading
from contract.texts import Language
from runtime.sql import statements
from server.facts.connections import Connection

_SQL = statements("server.devices", "devices.sql")


async def read_devices(connection: AsyncConnection, now: datetime) -> list[DeviceReading]:
    """Return every known device as it is at `now`, by unit, counter and name."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_SQL["devices"])
    return [_device(row, now) for row in await cursor.fetchall()]


def _device(row: TupleRow, now: datetime) -> DeviceReading:
    (unit, counter, device, simulated, last_seen, ended, software, camera, fps, depth, detector,
     people_detector, expression_model, problems) = row  # fmt: skip
    return DeviceReading(
        unit=unit,
        counter=counter,
        device=device,
        online=Connection(last_seen=last_seen, ended=ended).online(now),
        simulated=simulated,
        last_seen=last_seen,
        software=software,
        camera=camera,
        fps=fps,
        outbox_depth=depth,
        detector=detector,
        people_detector=people_detector,
        expression_model=expression_model,
        problems=tuple(
            _problem(problem) for problem in msgspec.convert(problems, list[ReportedProblem])
        ),
    )


def _problem(problem: ReportedProblem) -> DeviceProblem:
    return DeviceProblem(
        code=problem.code,
        text_vi=sentence(problem, Language.VI),
        text_en=sentence(problem, Language.EN),
        parameters=problem.parameters,
    )
