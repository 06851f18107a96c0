"""Which devices are known and when each was last heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from contract.readings import Timing
from server.facts.sources import Dimension, Source

ONLINE_FOR_S = 30.0
"""A device is offline when nothing was observed for this long: three heartbeats of 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What decides whether a device is online; `ended` says its newest session has been closed.

    `last_seen` is a time of the server's clock: one far ahead of it was written while that clock
    was wrong.
    """

    last_seen: datetime | None
    ended: bool = False

    def online(self, now: datetime) -> bool:
        """Return whether the device is up at `now`."""
        if self.last_seen is None or self.ended:
            return False
        return abs((now - self.last_seen).total_seconds()) <= ONLINE_FOR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTotals:
    """The devices that are known."""

    devices: tuple[Connection, ...] = ()

    def __add__(self, other: Self) -> Self:
        return type(self)(devices=self.devices + other.devices)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return the devices in two arrays: last_seen and ended."""
        return cls(
            devices=tuple(
                Connection(last_seen=last_seen, ended=ended)
                for last_seen, ended in zip(*row, strict=True)
            )
        )


CONNECTIONS = Source(
    name="connections",
    timing=Timing.NOW,
    totals=ConnectionTotals,
    dimensions=frozenset({Dimension.COUNTER}),
)
