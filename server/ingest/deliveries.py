"""Where deliveries wait between the network's thread and the writer's."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TypeAlias

import structlog

from server.ingest.settings import IngestSettings

HOLD_BACK_REPORT_S = 60.0
"""An outage fills the room again and again: say so once a minute."""

Delivery: TypeAlias = tuple[str, bytes, int, int, int, float | None]
"""Topic, payload, packet id, QoS, the connection's number, and when it came by the monotonic clock
(None for what the broker had retained). A plain tuple, one per message."""

log = structlog.get_logger()


class DeliveryQueue:
    """A bounded queue that gives batches: one thread puts, another collects."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._deliveries: deque[Delivery] = deque()
        self._arrived = threading.Event()
        self._full = threading.Event()
        self._drained = threading.Event()
        self._stopped = threading.Event()
        self._held_back_at = -math.inf

    def put(self, delivery: Delivery) -> None:
        """Add a delivery; with no room left, return only once the writer has made some."""
        deliveries = self._deliveries
        deliveries.append(delivery)
        if not self._arrived.is_set():
            self._arrived.set()
        waiting = len(deliveries)
        if waiting == self._settings.batch_messages:
            self._full.set()
        if waiting >= self._settings.pending_messages:
            self._hold_back()

    def collect(self, timeout_s: float) -> list[Delivery]:
        """Return the next batch; empty when nothing arrives in time.

        A batch ends when it is full, when it is old enough, or when deliveries pause.
        """
        if not self._arrived.wait(timeout_s):
            return []
        settings = self._settings
        deadline = time.monotonic() + settings.batch_wait_s
        seen = -1
        while seen < len(self._deliveries) < settings.batch_messages:
            if time.monotonic() >= deadline:
                break
            seen = len(self._deliveries)
            self._full.wait(settings.quiet_s)
        self._full.clear()
        batch = self._take(settings.batch_messages)
        self._drained.set()
        return batch

    def stop(self) -> None:
        """Wake both threads for good."""
        self._stopped.set()
        for event in (self._arrived, self._full, self._drained):
            event.set()

    def _take(self, limit: int) -> list[Delivery]:
        deliveries = self._deliveries
        room = self._settings.batch_bytes
        batch: list[Delivery] = []
        while deliveries and room > 0 and len(batch) < limit:
            delivery = deliveries.popleft()
            room -= len(delivery[1])
            batch.append(delivery)
        if not deliveries and not self._stopped.is_set():
            self._arrived.clear()
            # A delivery, or the stop, may have come between the look and the clearing.
            if deliveries or self._stopped.is_set():
                self._arrived.set()
        return batch

    def _hold_back(self) -> None:
        """Keep the network's thread from reading on: memory stays bounded."""
        if time.monotonic() - self._held_back_at >= HOLD_BACK_REPORT_S:
            self._held_back_at = time.monotonic()
            log.warning("ingest_holds_back", pending=len(self._deliveries))
        while (
            len(self._deliveries) >= self._settings.pending_messages and not self._stopped.is_set()
        ):
            self._drained.clear()
            self._drained.wait(1.0)
