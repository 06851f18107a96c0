"""The API server's clock, known between two snapshots through this machine's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_JUMP = timedelta(milliseconds=500)
"""A difference above this is a stepped clock; below it is the network's delay."""


@dataclass(slots=True)
class ServerClock:
    """Follows `Snapshot.computed_at`: the least delayed snapshot says the time most truly."""

    _at: datetime | None = None
    _monotonic_s: float = 0.0

    def follow(self, computed_at: datetime, *, monotonic_s: float) -> None:
        """Take note that the server's clock read `computed_at` just before `monotonic_s`."""
        known = self.now(monotonic_s=monotonic_s)
        if known is None or not timedelta(0) <= known - computed_at < _JUMP:
            self._at, self._monotonic_s = computed_at, monotonic_s

    def now(self, *, monotonic_s: float) -> datetime | None:
        """Return the server's time, None before the first snapshot."""
        if self._at is None:
            return None
        return self._at + timedelta(seconds=monotonic_s - self._monotonic_s)
