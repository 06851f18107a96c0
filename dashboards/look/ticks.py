"""The heartbeat that every screen gets: the server's time, and whether the API still speaks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboards.look import formats


class Ticks:
    """Makes ticks; the clock in them stands while the API is away, for nobody knows its time."""

    def __init__(self) -> None:
        self._last_clock: dict[str, Any] = {}

    def tick(
        self, *, now: datetime | None, computed_at: datetime | None, linked: bool
    ) -> Mapping[str, Any]:
        """Return the tick of `now`, with figures that were computed at `computed_at`."""
        if now is not None and (linked or not self._last_clock):
            date = formats.date(now)
            self._last_clock = {
                "clock": formats.clock(now),
                "date": {"vi": date.vi, "en": date.en},
            }
        return {
            "kind": "tick",
            "linked": linked,
            "now_ms": formats.epoch_ms(now) if now else None,
            "data_ms": formats.epoch_ms(computed_at) if computed_at else None,
            "data_clock": formats.clock(computed_at) if computed_at else None,
            **self._last_clock,
        }
