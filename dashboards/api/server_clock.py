"""The API server's clock, known between two updates through this machine's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_JUMP = timedelta(milliseconds=500)
"""A difference above this is more than the network's usual delay."""
_PATIENCE_S = 60.0
"""Updates that all come later than expected for so long: not delays, but clocks that drift."""


@dataclass(slots=True)
class ServerClock:
    """Follows `Update.computed_at`: the least delayed update says the time most truly.

    A late update looks like a clock that was set back. It was, where a newer update bears an
    earlier time than the one before it, and it drifts, where none has been on time for a minute.
    """

    _at: datetime | None = None
    _monotonic_s: float = 0.0
    _latest: datetime | None = None
    _late_since_s: float | None = None
    _least_delay: timedelta = timedelta.max

    def follow(self, computed_at: datetime, *, monotonic_s: float) -> None:
        """Take note that the server's clock read `computed_at` some time before `monotonic_s`.

        To be called once for each update, in their order.
        """
        known, latest = self.now(monotonic_s=monotonic_s), self._latest
        self._latest = computed_at
        if known is None or latest is None or computed_at < latest or known < computed_at:
            self._set(computed_at, monotonic_s=monotonic_s)
        else:
            self._weigh(known - computed_at, known=known, monotonic_s=monotonic_s)

    def now(self, *, monotonic_s: float) -> datetime | None:
        """Return the server's time, None before the first update."""
        if self._at is None:
            return None
        return self._at + timedelta(seconds=monotonic_s - self._monotonic_s)

    def _set(self, at: datetime, *, monotonic_s: float) -> None:
        self._at, self._monotonic_s = at, monotonic_s
        self._late_since_s, self._least_delay = None, timedelta.max

    def _weigh(self, delay: timedelta, *, known: datetime, monotonic_s: float) -> None:
        """Set the clock back by the least delay of a minute in which every update was late."""
        if delay < _JUMP:
            self._late_since_s, self._least_delay = None, timedelta.max
            return
        if self._late_since_s is None:
            self._late_since_s = monotonic_s
        self._least_delay = min(self._least_delay, delay)
        if monotonic_s - self._late_since_s >= _PATIENCE_S:
            self._set(known - self._least_delay, monotonic_s=monotonic_s)
