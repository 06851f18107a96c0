"""The clock that stamps live frames: as even as the monotonic one, as right as the system's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_STEP_S = 1.0
"""When the two clocks part by more, the system's was set: small corrections are slewed anyway."""


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
