"""Whether the server's clock can be trusted, by what the devices' clocks say. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from contract.readings import ClockTrust

SKEW_S = 30.0
"""Clocks that differ by more disagree. NTP keeps a clock within 1 s, and a heartbeat takes less
than a second; one without a network drifts about a minute a month."""

FEWEST_DEVICES = 3
"""Two that disagree with the server may be wrong alike by chance, for instance after one import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerClock:
    """The server's clock as the devices see it.

    `offset_s` is the server's time less theirs: positive when the server is ahead. `devices` is how
    many agree on it.
    """

    state: ClockTrust = ClockTrust.UNKNOWN
    offset_s: float | None = None
    devices: int = 0


def judge(offsets_s: Sequence[float]) -> ServerClock:
    """Return what devices with synchronised clocks say; `offsets_s` are server less device.

    At least three have to say something, and most of them the same.
    """
    if len(offsets_s) < FEWEST_DEVICES:
        return ServerClock(devices=len(offsets_s))
    alike = _largest_group(sorted(offsets_s))
    if 2 * len(alike) <= len(offsets_s):
        return ServerClock()
    offset_s = median(alike)
    state = ClockTrust.SUSPECT if abs(offset_s) > SKEW_S else ClockTrust.CONFIRMED
    return ServerClock(state=state, offset_s=offset_s, devices=len(alike))


def _largest_group(ordered: Sequence[float]) -> Sequence[float]:
    """Return the most values that lie within SKEW_S of each other."""
    best: Sequence[float] = ()
    start = 0
    for end, value in enumerate(ordered, start=1):
        while value - ordered[start] > SKEW_S:
            start += 1
        if end - start > len(best):
            best = ordered[start:end]
    return best
