"""What devices show and know, over REST: read with its history, and set anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from psycopg import AsyncConnection

from contract.topics import Address
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import OwnSession, WriteSession
from server.audit.entries import Action
from server.devices.config_store import Change, read_config, store_config
from server.devices.configs import ConfigContent, ConfigReading
from server.devices.routes import address_of
from server.devices.settings import PhoneSettings
from server.errors import Conflict

router = APIRouter(prefix="/api/v1/devices", tags=["devices"])

_MANAGED = [Depends(allow(Right.MANAGE_DEVICES, At.UNIT))]


async def phone_settings(request: Request) -> PhoneSettings:
    """Return what the application was started with."""
    settings = request.app.state.phone
    assert isinstance(settings, PhoneSettings)
    return settings


Phone = Annotated[PhoneSettings, Depends(phone_settings)]


@router.get(
    "/{unit}/{counter}/{device}/config",
    responses=UNKNOWN | REFUSED | UNAVAILABLE,
    dependencies=_MANAGED,
)
async def read_one(
    session: OwnSession,
    address: Annotated[Address, Depends(address_of)],
    version: Annotated[
        int | None, Query(ge=1, le=2**53 - 1, description="An earlier one; the newest without it.")
    ] = None,
) -> ConfigReading:
    """A device's configuration without PINs and keys, which versions there were, and which one the
    device says it has.
    """

    async def read(connection: AsyncConnection) -> ConfigReading:
        return await read_config(connection, address, version)

    return await session.run(read)


@router.put(
    "/{unit}/{counter}/{device}/config",
    responses=UNKNOWN | EXISTS | REFUSED | UNAVAILABLE,
    dependencies=_MANAGED,
)
async def write_one(
    content: ConfigContent,
    session: WriteSession,
    who: Who,
    recorder: Rec,
    settings: Phone,
    address: Annotated[Address, Depends(address_of)],
    renew_key: Annotated[
        bool, Query(description="Whether the device is to sign with a new key from now on.")
    ] = False,
) -> ConfigReading:
    """Make a new version of a device's configuration; it is published within seconds, and the
    device says in its health when it has taken it.
    """
    if content.phone is not None and settings.address is None:
        raise Conflict("set MOTCUA_PHONE_ADDRESS first: QR codes need the page's public address")
    change = Change(
        content=content, by=who.name, phone_address=settings.address or "", renew_key=renew_key
    )

    async def write(connection: AsyncConnection) -> ConfigReading:
        version = await store_config(connection, address, change, datetime.now(UTC))
        subject = f"{address.unit}/{address.counter}/{address.device}"
        await recorder.note(
            connection, Action.DEVICE_CONFIGURED, subject, version=version, renew_key=renew_key
        )
        return await read_config(connection, address)

    return await session.run(write)
