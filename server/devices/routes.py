"""Devices over REST."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Depends
from psycopg import AsyncConnection

from contract.readings import DeviceReading
from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import ReadSession
from server.devices.store import read_devices

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])


@router.get("", dependencies=[Depends(allow(Right.READ_DEVICES))])
async def devices(session: ReadSession) -> list[DeviceReading]:
    """Every known device with its latest health."""

    async def read(connection: AsyncConnection) -> list[DeviceReading]:
        return await read_devices(connection, datetime.now(UTC))

    return await session.run(read)
