"""Devices over REST."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Depends
from psycopg import AsyncConnection

from contract.readings import DeviceReading
from server.access.authentication import Who
from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.devices.store import read_devices

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])


@router.get("", dependencies=[Depends(allow(Right.READ_DEVICES))])
async def devices(session: ReadSession, who: Who) -> list[DeviceReading]:
    """Every known device with its latest health, in the units that the principal may read."""
    reach = who.reach(Right.READ_DEVICES)

    async def read(connection: AsyncConnection) -> list[DeviceReading]:
        found = await read_devices(connection, datetime.now(UTC))
        return [device for device in found if reach.has(device.unit)]

    return await session.run(read)
