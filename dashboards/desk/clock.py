"""The API server's clock as the desks know it, from when their figures were computed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboards.api.server_clock import ServerClock
from dashboards.look.ticks import Ticks


class DeskClock:
    """One clock for all desks of the process; its ticks name the pages' version."""

    def __init__(self, *, version: str) -> None:
        self._version = version
        self._clock = ServerClock()
        self._ticks = Ticks()
        self._newest: datetime | None = None

    def tick(self, computed_at: datetime | None, *, linked: bool) -> Mapping[str, Any]:
        """Return the heartbeat of a page whose figures were computed at `computed_at`."""
        now_s = time.monotonic()
        if linked and computed_at is not None and computed_at != self._newest:
            self._newest = computed_at
            self._clock.follow(computed_at, monotonic_s=now_s)
        now = self._clock.now(monotonic_s=now_s)
        tick = self._ticks.tick(now=now, computed_at=computed_at, linked=linked)
        return {**tick, "version": self._version}
