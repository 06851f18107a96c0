"""The unit's heartbeat: what the store and the machine say, every ten seconds and when asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from contract.codec import encode
from contract.topics import STREAMS, Address, Stream
from edge.errors import StoreError
from edge.health import Backlog, Vitals, compose_farewell, compose_health
from edge.outbox import Component, Outbox, Status

PERIOD_S = STREAMS[Stream.HEALTH].period_s or 10.0


class Heartbeat:
    """Composes the health messages of one unit."""

    def __init__(
        self, outbox: Outbox, address: Address, *, read_vitals: Callable[[], Vitals]
    ) -> None:
        self._outbox = outbox
        self._device = address.device
        self._read_vitals = read_vitals
        self._started_s = time.monotonic()

    def note(self, *, connected: bool, problems: tuple[str, ...]) -> str | None:
        """Tell the other processes how the relay is; return the store's complaint if it cannot."""
        status = Status(connected=connected, problems=problems)
        try:
            self._outbox.report(Component.RELAY, status)
        except StoreError as error:
            return str(error)
        return None

    def beat(self, session: UUID, problems: tuple[str, ...]) -> bytes:
        """Return the health message of this moment, ready to be published; raises StoreError."""
        config = self._outbox.config()
        health = compose_health(
            device=self._device,
            session=session,
            now=datetime.now(UTC),
            uptime_s=time.monotonic() - self._started_s,
            vitals=self._read_vitals(),
            backlog=Backlog(depth=self._outbox.depth(), oldest_at=self._outbox.oldest()),
            statuses=self._outbox.statuses(),
            config_version=None if config is None else config.version,
            problems=problems,
        )
        return encode(health)

    def farewell(self, session: UUID) -> bytes:
        """Return the message that says that the unit is gone: last will and good-bye."""
        return encode(compose_farewell(device=self._device, session=session, now=datetime.now(UTC)))
