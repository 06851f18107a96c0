"""Devices over REST."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from psycopg import AsyncConnection

from contract.errors import TopicError
from contract.readings import DeviceReading
from contract.topics import Address
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.recording import recorded
from server.access.responses import UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.devices.store import read_devices, restore, retire
from server.errors import NotFound
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])


def address_of(unit: str, counter: str, device: str) -> Address:
    """Return the address in the path; raise NotFound for what cannot be one."""
    try:
        return Address(unit=unit, counter=counter, device=device)
    except TopicError as error:
        raise NotFound(str(error)) from error


@router.get("", dependencies=[Depends(allow(Right.READ_DEVICES))])
async def devices(
    page: Paged,
    session: ReadSession,
    who: Who,
    retired: Annotated[bool, Query(description="Also those that were retired.")] = False,
) -> list[DeviceReading]:
    """The devices in the units that the principal may read, with their latest health; retired ones
    only where they are asked for.
    """
    reach = who.reach(Right.READ_DEVICES)

    async def read(connection: AsyncConnection) -> list[DeviceReading]:
        found = await read_devices(connection, datetime.now(UTC), retired=retired)
        return [device for device in found if reach.has(device.unit)]

    return page.of(await session.run(read), lambda each: (each.unit, each.counter, each.device))


@router.post(
    "/{unit}/{counter}/{device}/retire",
    responses=UNKNOWN,
    dependencies=[
        Depends(allow(Right.MANAGE_DEVICES, At.UNIT)),
        Depends(recorded(Action.DEVICE_RETIRED, "unit", "counter", "device")),
    ],
)
async def retire_device(
    session: WriteSession, address: Annotated[Address, Depends(address_of)]
) -> DeviceReading:
    """Take a device out of counts and screens; its history stays, and it returns if it speaks."""
    return await session.run(partial(_changed, retire, address))


@router.post(
    "/{unit}/{counter}/{device}/restore",
    responses=UNKNOWN,
    dependencies=[
        Depends(allow(Right.MANAGE_DEVICES, At.UNIT)),
        Depends(recorded(Action.DEVICE_RESTORED, "unit", "counter", "device")),
    ],
)
async def restore_device(
    session: WriteSession, address: Annotated[Address, Depends(address_of)]
) -> DeviceReading:
    """Bring a retired device back into counts and screens."""
    return await session.run(partial(_changed, restore, address))


async def _changed(
    change: Callable[[AsyncConnection, Address], Awaitable[bool]],
    address: Address,
    connection: AsyncConnection,
) -> DeviceReading:
    await change(connection, address)
    every = await read_devices(connection, datetime.now(UTC), retired=True)
    return next(
        device
        for device in every
        if (device.unit, device.counter, device.device)
        == (address.unit, address.counter, address.device)
    )
