"""The device's health messages: sent every ten seconds and when the server asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from contract.codec import encode
from contract.identifiers import new_id
from contract.messages import ReportedProblem
from contract.topics import STREAMS, Address, Stream
from edge.errors import StoreError
from edge.health import Backlog, HostMetrics, Speaker, compose_health, compose_offline
from edge.store.outbox import Outbox, ProcessName, ProcessStatus

PERIOD_S = STREAMS[Stream.HEALTH].period_s or 10.0


class Heartbeat:
    """Composes the health messages of one device."""

    def __init__(
        self, outbox: Outbox, address: Address, *, read_host_metrics: Callable[[], HostMetrics]
    ) -> None:
        self._outbox = outbox
        self._device = address.device
        self.speaker = Speaker(run=new_id(datetime.now(UTC)))
        self._read_host_metrics = read_host_metrics
        self._started_s = time.monotonic()

    def put_status(
        self, *, connected: bool, problems: tuple[ReportedProblem, ...]
    ) -> ReportedProblem | None:
        """Store how the relay is, for the other processes; return the store's problem, if any."""
        status = ProcessStatus(connected=connected, problem_reports=problems, run=self.speaker.run)
        try:
            self._outbox.put_status(ProcessName.RELAY, status)
        except StoreError as error:
            return error.problem
        return None

    def online(self, session: UUID, problems: tuple[ReportedProblem, ...]) -> bytes:
        """Return the health message of this moment, ready to be published; raises StoreError."""
        config = self._outbox.config()
        health = compose_health(
            device=self._device,
            session=session,
            now=datetime.now(UTC),
            uptime_s=time.monotonic() - self._started_s,
            host_metrics=self._read_host_metrics(),
            backlog=Backlog(depth=self._outbox.depth(), oldest_at=self._outbox.oldest()),
            statuses=self._outbox.statuses(),
            config_version=None if config is None else config.version,
            problems=problems,
            speaker=self.speaker,
        )
        return encode(health)

    def set_local_address(self, address: str | None) -> None:
        """Name this address from now on, also in the next last will."""
        self.speaker = replace(self.speaker, local_address=address)

    def offline(self, session: UUID) -> bytes:
        """Return the message that reports the device offline: its last will, and its last one."""
        return encode(
            compose_offline(
                device=self._device, session=session, now=datetime.now(UTC), speaker=self.speaker
            )
        )
