"""Who is on duty where: derived anew for the counters whose sign-ons or rosters have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import psycopg
from psycopg import AsyncConnection

from runtime.sql import statements

_SQL = statements("server.staff", "duty.sql")

ChangedDuty: TypeAlias = tuple[str, str, datetime, datetime]
"""A unit, one of its counters, and the first and last instant for which something was told."""


def refresh_duty(connection: psycopg.Connection, changed: Sequence[ChangedDuty]) -> None:
    """Derive duty of the `changed` counters and mark hours whose officer is another now.

    Runs in the caller's transaction, which must read what was committed meanwhile. Each counter
    is named once.
    """
    if changed:
        connection.execute(_SQL["lock_duty"], _parameters(changed))
        connection.execute(_SQL["refresh_duty"], _parameters(changed))


async def derive_duty(connection: AsyncConnection, changed: Sequence[ChangedDuty]) -> None:
    """Do what `refresh_duty` does, on an asynchronous connection."""
    if changed:
        await connection.execute(_SQL["lock_duty"], _parameters(changed))
        await connection.execute(_SQL["refresh_duty"], _parameters(changed))


def _parameters(changed: Sequence[ChangedDuty]) -> dict[str, object]:
    units, counters, since, until = map(list, zip(*changed, strict=True))
    return {"unit": units, "counter": counters, "since": since, "until": until}
