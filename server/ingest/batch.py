"""What a batch is made of: messages that were understood and messages that were refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Self, TypeAlias
from uuid import UUID

from contract.errors import Refusal
from contract.messages import Upstream
from contract.topics import Address, Stream

Received: TypeAlias = tuple[str, bytes]
"""Topic and payload as the broker gave them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """Where messages of one topic belong; equal only to itself, so that hashing it is cheap.

    `counter` is the one that a message speaks of: the device's own, unless it watches several.
    """

    topic: str
    address: Address
    stream: Stream
    counter: str


Accepted: TypeAlias = tuple[Route, Upstream, bytes]
"""A message that was understood, with its payload in case the database refuses it. A plain tuple,
because there is one for every message at full rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message for quarantine. `address` and `message` are known only where they can be read.

    One that was understood and is refused for its time alone still has what it said in `accepted`.
    """

    topic: str
    payload: bytes
    refusal: Refusal
    reason: str
    address: Address | None = None
    message: UUID | None = None
    untimely: Accepted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The server's clock at receipt, and how far it is ahead of devices' clocks, in seconds.

    `confirmed` says whether the devices confirm the server's clock.
    """

    received_at: datetime | None = None
    offsets_s: Mapping[Address, float] = field(default_factory=lambda: MappingProxyType({}))
    confirmed: bool = False

    def seen_at(self, address: Address, observed_at: datetime) -> datetime:
        """Return when the server's clock showed that a device observed something.

        What the device stamped, corrected by what its clock is off; never later than the receipt.
        """
        offset_s = self.offsets_s.get(address)
        if offset_s is not None:
            observed_at += timedelta(seconds=offset_s)
        return observed_at if self.received_at is None else min(observed_at, self.received_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one or more transactions commit.

    `held` are refused for their time while it is not known whose clock is wrong: they are kept, and
    not acknowledged. `untimely_health` are heartbeats whose time is refused: they count nothing,
    but they tell how the device is, above all that its clock is wrong.
    """

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    held: list[Refused] = field(default_factory=list)
    untimely_health: list[Refused] = field(default_factory=list)
    times: Times = field(default_factory=Times)

    def hold_untimely(self) -> Self:
        """Return the batch with what is refused for its time alone held instead."""
        return replace(
            self,
            refused=[entry for entry in self.refused if entry.untimely is None],
            held=[*self.held, *(entry for entry in self.refused if entry.untimely is not None)],
        )

    def reports(self) -> list[Accepted]:
        """Return what tells how a device is now: also what is refused for its time.

        A time too far back says nothing of now, unless the device's clock is known to be off.
        """
        found = list(self.accepted)
        for entry in (*self.refused, *self.held, *self.untimely_health):
            if entry.untimely is None:
                continue
            measured = entry.untimely[0].address in self.times.offsets_s
            clamped = entry.refusal is Refusal.FUTURE and self.times.received_at is not None
            if measured or clamped:
                found.append(entry.untimely)
        return found
