"""Publishes what devices are to show and know, once it is made, and again where it got lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import psycopg
import structlog

from contract.codec import encode
from contract.messages import PhonePage
from contract.topics import Address, Stream
from runtime.sql import statements
from server.devices.configs import ConfigContent, compose_config
from server.errors import RequestInvalid

_SQL = statements("server.devices", "configs.sql")

log = structlog.get_logger()


def publish_configs(
    connection: psycopg.Connection, retain: Callable[[str, bytes], None], now: datetime
) -> None:
    """Retain at the broker the newest configuration of each device that has another."""
    for unit, counter, device, version, content, made_at, *phone in connection.execute(
        _SQL["to_publish"], {"now": now}
    ).fetchall():
        address = Address(unit=unit, counter=counter, device=device)
        try:
            config = compose_config(
                ConfigContent.model_validate(content),
                address=address,
                version=version,
                made_at=made_at,
                phone=_page(*phone),
            )
            retain(address.topic(Stream.CONFIG), encode(config))
            log.info("config_published", unit=unit, device=device, version=version)
        except (RequestInvalid, ValueError) as error:  # of another release; it is not tried again
            log.error("config_not_published", device=device, version=version, error=str(error))  # noqa: TRY400
        parameters = {"unit": unit, "counter": counter, "device": device, "version": version}
        connection.execute(_SQL["published"], parameters | {"now": now})


def _page(address: str | None, number: int | None, key: bytes | None) -> PhonePage | None:
    if address is None or number is None or key is None:
        return None
    return PhonePage(address=address, number=number, key=bytes(key).hex())
