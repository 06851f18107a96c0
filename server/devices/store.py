"""Reads the devices with their latest health, and retires and restores them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from contract.messages import ReportedProblem
from contract.readings import ClockTrust, DeviceReading, ServerState
from contract.topics import Address
from runtime.sql import statements
from server.db.changes import announce_change
from server.devices.alarms import device_problems, say, server_alarms, unjudged_alarms
from server.errors import NotFound
from server.facts.connections import Connection

_SQL = statements("server.devices", "devices.sql")


async def read_devices(
    connection: AsyncConnection, now: datetime, *, retired: bool = False
) -> list[DeviceReading]:
    """Return every device as it is at `now`, by unit, counter and name; `retired` ones if asked."""
    server = await read_server_state(connection)
    cursor = connection.cursor(binary=True)
    await cursor.execute(_SQL["devices"], {"retired": retired})
    return [_device(row, now, server) for row in await cursor.fetchall()]


async def read_server_state(connection: AsyncConnection) -> ServerState:
    """Return what ingest found of the server's clock, and what keeps rules from being judged."""
    cursor = await connection.execute(_SQL["server_clock"])
    row = await cursor.fetchone()
    assert row is not None
    state, offset_s, devices, database_offset_s, since, unjudged = row
    clock = ClockTrust.UNKNOWN if state is None else ClockTrust(state)
    alarms = server_alarms(
        clock,
        offset_s=offset_s,
        devices=devices or 0,
        database_offset_s=database_offset_s,
    )
    return ServerState(
        clock=clock,
        clock_offset_s=offset_s,
        clock_devices=devices or 0,
        clock_since=since,
        database_offset_s=database_offset_s,
        alarms=(*map(say, alarms), *unjudged_alarms(unjudged)),
    )


async def retire(connection: AsyncConnection, address: Address) -> bool:
    """Take a device out of counts and screens; return False where it is out. Raises NotFound."""
    return await _change(connection, "retire", address)


async def restore(connection: AsyncConnection, address: Address) -> bool:
    """Bring a retired device back; return False where it is not retired. Raises NotFound."""
    return await _change(connection, "restore", address)


async def _change(connection: AsyncConnection, statement: str, address: Address) -> bool:
    parameters = {"unit": address.unit, "counter": address.counter, "device": address.device}
    cursor = await connection.execute(_SQL[statement], parameters)
    if cursor.rowcount:
        await announce_change(connection, None)
        return True
    known = await (await connection.execute(_SQL["knows"], parameters)).fetchone()
    if known == (True,):
        return False
    raise NotFound(
        f"device {address.unit}/{address.counter}/{address.device} is not known; "
        "`motcua device list --all` names them all"
    )


def _device(row: TupleRow, now: datetime, server: ServerState) -> DeviceReading:
    (unit, counter, device, simulated, last_seen, ended, software, camera, fps, depth, detector,
     people_detector, expression_model, problems, offset_s, synchronised, shared_by,
     retired_at) = row  # fmt: skip
    found = device_problems(device, offset_s=offset_s, server=server, shared_by=shared_by)
    own = msgspec.convert(problems, list[ReportedProblem])
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
        problems=tuple(map(say, (*found, *own))),
        clock_offset_s=offset_s,
        clock_synchronised=synchronised,
        retired_at=retired_at,
    )
