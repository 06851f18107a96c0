"""Hears from the database which units have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from psycopg import AsyncConnection

from server.db.changes import LISTEN, changed_units
from server.db.pool import DATABASE_ERRORS

log = structlog.get_logger()


class Changes:
    """The units that have changed since they were last taken; None in `take` means any unit.

    `heard` counts what was said of changes.
    """

    def __init__(self) -> None:
        self.heard = 0
        self._units: set[str] = set()
        self._any = True
        self._arrived = asyncio.Event()

    def add(self, units: frozenset[str] | None) -> None:
        """Note that these units have changed, None for any."""
        self.heard += 1
        if units is None:
            self._any = True
        else:
            self._units |= units
        self._arrived.set()

    async def wait(self, timeout_s: float) -> None:
        """Return once something has changed, at the latest after `timeout_s`."""
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return

    def take(self) -> frozenset[str] | None:
        """Return what has changed and forget it."""
        taken = None if self._any else frozenset(self._units)
        self._units.clear()
        self._any = False
        self._arrived.clear()
        return taken


async def listen(
    conninfo: str,
    changes: Changes,
    *,
    retry_s: float,
    lost: Callable[[BaseException], None],
) -> None:
    """Fill `changes` for ever; call `lost` whenever the connection breaks.

    What happened while it was away is not known: afterwards any unit may have changed.
    """
    while True:
        try:
            await _listen_once(conninfo, changes)
        except DATABASE_ERRORS as error:
            lost(error)
        except Exception:
            log.exception("listen_failed")
        changes.add(None)
        await asyncio.sleep(retry_s)


async def _listen_once(conninfo: str, changes: Changes) -> None:
    connection = await AsyncConnection.connect(conninfo, autocommit=True)
    async with connection:
        await connection.execute(LISTEN)
        changes.add(None)
        async for notification in connection.notifies():
            changes.add(changed_units(notification.payload))
