"""The clocks that stamp live frames: when each was captured, not when somebody looked at it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_STEP_S = 1.0
"""When the two clocks part by more, the system's was set: small corrections are slewed anyway."""

_DRIFT = 1e-3
"""How much faster or slower than ours a camera's clock may run; quartz is off by 1e-4 at worst."""

_LONGEST_QUEUE_S = 5.0
"""What comes later than that by its stamp has a wrong stamp."""


class FrameClock:
    """Gives UTC times that advance evenly and follow the system's clock when that is set."""

    def __init__(self) -> None:
        self._anchor_s = time.monotonic()
        self._anchor = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the time now."""
        system = datetime.now(UTC)
        even = self._anchor + timedelta(seconds=time.monotonic() - self._anchor_s)
        if abs((system - even).total_seconds()) > _STEP_S:
            self._anchor_s, self._anchor = time.monotonic(), system
            return system
        return even


class CaptureTimes:
    """Turns a camera's own stamps into UTC times of capture.

    Pictures come late, never early: through the network's and the decoder's queues. So the smallest
    delay seen between a stamp and the arrival of its picture is the one to count with.
    """

    def __init__(self, clock: FrameClock) -> None:
        self._clock = clock
        self._stamp_s = 0.0
        self._arrived_at = clock.now()
        self._zero: datetime | None = None

    def at(self, stamp_s: float | None) -> datetime:
        """Return when the picture that arrives now was captured; now itself without a stamp."""
        now = self._clock.now()
        if stamp_s is None:
            return now
        zero = now - timedelta(seconds=stamp_s)
        if self._zero is None or stamp_s <= self._stamp_s or now < self._arrived_at:
            self._zero = zero  # the first one, or one of the two clocks was set
        else:
            passed_s = (now - self._arrived_at).total_seconds()
            expected = self._zero + timedelta(seconds=passed_s * _DRIFT)
            is_late = (zero - expected).total_seconds() <= _LONGEST_QUEUE_S
            self._zero = min(zero, expected) if is_late else zero
        self._stamp_s, self._arrived_at = stamp_s, now
        return self._zero + timedelta(seconds=stamp_s)
