"""Keeps the configurations of devices, every version, and the keys with which devices sign."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection

from contract.messages import PhonePage
from contract.topics import Address
from runtime.sql import statements
from server.devices.configs import (
    ConfigContent,
    ConfigReading,
    ConfigVersion,
    compose_config,
    keep_secrets,
    without_secrets,
)
from server.errors import NotFound

KEY_BYTES = 32

_SQL = statements("server.devices", "configs.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a device is to be told, by whom, and whether its key is to be renewed.

    `phone_address` is that of the page on which telephones rate.
    """

    content: ConfigContent
    by: str
    phone_address: str
    renew_key: bool = False


async def read_config(
    connection: AsyncConnection, address: Address, version: int | None = None
) -> ConfigReading:
    """Return a version of the device's configuration, the newest without one; raise NotFound."""
    of = _of(address)
    cursor = await connection.execute(_SQL["content"], of | {"version": version})
    found = await cursor.fetchone()
    reported = await (await connection.execute(_SQL["reported_version"], of)).fetchone()
    if found is None or reported is None:
        raise NotFound(f"no such configuration was made for {_named(address)}")
    rows = await (await connection.execute(_SQL["versions"], of)).fetchall()
    return ConfigReading(
        version=found[0],
        reported_version=reported[0],
        content=without_secrets(ConfigContent.model_validate(found[1])),
        history=tuple(
            ConfigVersion(version=number, made_at=made_at, made_by=by, published_at=published_at)
            for number, made_at, by, published_at in rows
        ),
    )


async def store_config(
    connection: AsyncConnection, address: Address, change: Change, now: datetime
) -> int:
    """Keep a new version and return its number, above every one that the device may have.

    Raises NotFound for an unknown device and RequestInvalid for what it would not understand.
    """
    of = _of(address)
    there = await (await connection.execute(_SQL["device_there"], of)).fetchone()
    if there is None:
        raise NotFound(f"device {_named(address)} is not known; it has to speak once")
    cursor = await connection.execute(_SQL["content"], of | {"version": None})
    found = await cursor.fetchone()
    before = None if found is None else ConfigContent.model_validate(found[1])
    content = keep_secrets(change.content, before)
    version = max(there[0] or 0, 0 if found is None else found[0]) + 1
    phone = None
    if content.phone is not None:
        number, key = await _key(connection, of, now, renewed=change.renew_key)
        phone = PhonePage(address=change.phone_address, number=number, key=key.hex())
    # Composed for its errors: nothing is kept that could not be sent.
    compose_config(content, address=address, version=version, made_at=now, phone=phone)
    kept = json.dumps(content.model_dump(mode="json"), ensure_ascii=False)
    row: dict[str, object] = {"version": version, "content": kept, "by": change.by, "now": now}
    row["phone_address"] = None if phone is None else phone.address
    await connection.execute(_SQL["add_version"], {**of, **row})
    return version


async def _key(
    connection: AsyncConnection, of: dict[str, str], now: datetime, *, renewed: bool
) -> tuple[int, bytes]:
    if renewed:
        await connection.execute(_SQL["end_key"], of | {"now": now})
    found = await (await connection.execute(_SQL["key_in_use"], of)).fetchone()
    if found is None:
        new = of | {"key": os.urandom(KEY_BYTES), "now": now}
        found = await (await connection.execute(_SQL["add_key"], new)).fetchone()
    assert found is not None
    return found[0], bytes(found[1])


def _of(address: Address) -> dict[str, str]:
    return {"unit": address.unit, "counter": address.counter, "device": address.device}


def _named(address: Address) -> str:
    return f"{address.unit}/{address.counter}/{address.device}"
