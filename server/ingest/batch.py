"""What a batch is made of: messages that were understood and messages that were refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias
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
    """A message for quarantine. `address` and `message` are known only where they can be read."""

    topic: str
    payload: bytes
    refusal: Refusal
    reason: str
    address: Address | None = None
    message: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one or more transactions commit."""

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
