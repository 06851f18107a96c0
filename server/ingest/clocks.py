"""Measures the clock of every device by its heartbeats, and the server's own by theirs. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from contract.messages import DeviceStatus, Health
from contract.topics import Address
from server.devices.clocks import ServerClock, judge

STEADY_S = 2.0
"""Two heartbeats that come as far apart as they were sent, within this, have waited nowhere."""

SHORTEST_GAP_S = 1.0
"""Heartbeats closer together show no difference between sent live and sent from a queue."""

LIVE_FOR_S = 60.0
"""Six heartbeats: what a device's clock said longer ago tells nothing of the server's clock now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """A device's newest heartbeat and, once measured, how far its clock is from a monotonic one.

    The monotonic clock has no steps, so that one of the server's clock shows at once.
    """

    observed_s: float
    received_s: float
    synchronised: bool | None
    ahead_of_monotonic_s: float | None = None
    measured_s: float = -math.inf


class ClockWatch:
    """Follows the heartbeats of all devices; `received_s` and `now_s` are of a monotonic clock."""

    def __init__(self) -> None:
        self._paces: dict[Address, _Pace] = {}

    def note(self, address: Address, message: Health, received_s: float) -> None:
        """Take note of a heartbeat that the broker did not keep for us.

        One alone may have waited in a queue, which looks like a clock that is behind. Two in a row
        that came as far apart as they were sent are live.
        """
        if message.status is not DeviceStatus.ONLINE:
            return
        observed_s = message.observed_at.timestamp()
        known = self._paces.get(address)
        pace = _Pace(
            observed_s=observed_s,
            received_s=received_s,
            synchronised=message.clock_synchronised,
            ahead_of_monotonic_s=None if known is None else known.ahead_of_monotonic_s,
            measured_s=-math.inf if known is None else known.measured_s,
        )
        if known is not None:
            came_s = received_s - known.received_s
            steady = abs(came_s - (observed_s - known.observed_s)) <= STEADY_S
            if steady and came_s < SHORTEST_GAP_S:
                return
            if steady:
                pace = replace(
                    pace, ahead_of_monotonic_s=observed_s - received_s, measured_s=received_s
                )
        self._paces[address] = pace

    def offsets_s(self, now: datetime, now_s: float) -> Mapping[Address, float]:
        """Return the server's time less the device's for every device measured so far."""
        server_s = now.timestamp() - now_s
        return {
            address: server_s - pace.ahead_of_monotonic_s
            for address, pace in self._paces.items()
            if pace.ahead_of_monotonic_s is not None
        }

    def synchronised(self) -> Mapping[Address, bool | None]:
        """Return what each device says of its own clock."""
        return {address: pace.synchronised for address, pace in self._paces.items()}

    def server_clock(self, now: datetime, now_s: float) -> ServerClock:
        """Return what the devices with synchronised clocks say of the server's clock `now`."""
        live = {
            address
            for address, pace in self._paces.items()
            if pace.synchronised and now_s - pace.measured_s <= LIVE_FOR_S
        }
        offsets_s = self.offsets_s(now, now_s)
        return judge([offset_s for address, offset_s in offsets_s.items() if address in live])
