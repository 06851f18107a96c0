"""What a receiver is, what it is sent, and when a message that failed is tried again. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

MOST_SCOPES = 200
"""In one message: about a megabyte."""

FORMER_SECRET_FOR = timedelta(days=1)
"""How long a secret that was changed goes on signing beside the new one."""

_PAUSES_S = (5, 15, 60, 300)
_LONGEST_PAUSE_S = 600
"""A receiver that comes back hears from us within ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """To whom messages are sent: figures of `scope` that are newer than the revision `after`."""

    id: uuid.UUID
    name: str
    address: str
    scope: str
    secret: str
    former_secret: str | None
    after: int

    @property
    def secrets(self) -> tuple[str, ...]:
        """What messages are signed with."""
        return (self.secret,) if self.former_secret is None else (self.secret, self.former_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it is sent, each time the same; `id` tells a receiver that it has it.

    Nobody else sends it before `taken_until`; None is not taken by whoever has asked for it.
    """

    id: uuid.UUID
    body: str
    created_at: datetime
    attempts: int
    taken_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFigures:
    """The newest readings of a scope as JSON, and when they came among all scopes' changes."""

    scope: str
    revision: int
    computed_at: datetime
    readings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookListed:
    """A webhook as its administrators see it; `attempts` are those of the message that waits."""

    id: uuid.UUID
    name: str
    address: str
    scope: str
    created_at: datetime
    disabled_at: datetime | None
    delivered: int
    delivered_at: datetime | None
    problem: str | None
    attempts: int | None
    waiting_since: datetime | None
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadMessage:
    """A message that was given up."""

    id: uuid.UUID
    created_at: datetime
    attempts: int
    attempted_at: datetime | None
    problem: str | None
    dead_at: datetime


def body_of(figures: Sequence[StoredFigures], now: datetime) -> str:
    """Return the message that tells figures: `type`, `timestamp` and `data` as JSON.

    Each entry has a revision: whoever holds a later one of that scope leaves the entry out.
    """
    entries = [
        {
            "scope": each.scope,
            "revision": each.revision,
            "computed_at": each.computed_at.astimezone(UTC).isoformat(),
            "readings": msgspec.Raw(each.readings),
        }
        for each in figures
    ]
    message = {
        "type": "figures",
        "timestamp": now.astimezone(UTC).isoformat(),
        "data": {"entries": entries},
    }
    return msgspec.json.encode(message).decode()


def pause_s(attempts: int) -> int:
    """Return the seconds to wait after so many attempts have failed."""
    return _PAUSES_S[attempts - 1] if attempts <= len(_PAUSES_S) else _LONGEST_PAUSE_S
