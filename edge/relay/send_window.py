"""The sliding window of messages in flight: what may be sent, and what must be sent again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self
from uuid import UUID

from edge.store.outbox import OutboxRow
from runtime.backoff import pause_s

SIZE = 1000
"""Messages in flight at most: at 400 bytes each they fit the broker's default queue."""

FIRST_TIMEOUT_S = 10.0
LAST_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """A message that was published, how often and when last; the server has not confirmed it."""

    row: OutboxRow
    sent_s: float
    attempts: int = 1

    @property
    def due_s(self) -> float:
        """When it is sent again: after 10, 20, 40 and then every 60 seconds."""
        timeout_s = pause_s(self.attempts, first_s=FIRST_TIMEOUT_S, longest_s=LAST_TIMEOUT_S)
        return self.sent_s + timeout_s

    def again(self, now_s: float) -> Self:
        """Return it as sent once more at `now_s`."""
        return replace(self, sent_s=now_s, attempts=self.attempts + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendWindow:
    """The messages in flight on one connection, as a value; times are of one monotonic clock.

    A new connection starts with an empty window: whatever is still in the outbox is read and sent
    again, in order.
    """

    size: int = SIZE
    in_flight: Mapping[UUID, InFlight] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def room(self) -> int:
        """How many more messages may be sent."""
        return max(0, self.size - len(self.in_flight))

    @property
    def after_seq(self) -> int:
        """The number above which nothing is in flight: rows to send are read from there.

        Rows are sent in order, so that everything below is in flight or confirmed and deleted.
        """
        return max((sent.row.seq for sent in self.in_flight.values()), default=0)

    def send(self, rows: Iterable[OutboxRow], now_s: float) -> tuple[Self, list[OutboxRow]]:
        """Return the window with as many of `rows` in flight as fit, and those to publish."""
        fresh = [row for row in rows if row.id not in self.in_flight][: self.room]
        sent = {row.id: InFlight(row=row, sent_s=now_s) for row in fresh}
        return self._with({**self.in_flight, **sent}), fresh

    def resend(self, now_s: float) -> tuple[Self, list[OutboxRow]]:
        """Return the window and, in order, the rows whose confirmation is overdue."""
        overdue = {
            identity: sent.again(now_s)
            for identity, sent in self.in_flight.items()
            if sent.due_s <= now_s
        }
        rows = sorted((sent.row for sent in overdue.values()), key=lambda row: row.seq)
        return self._with({**self.in_flight, **overdue}), rows

    def confirm(self, ids: Collection[UUID]) -> Self:
        """Return the window without the messages that the server has."""
        done = set(ids)
        return self._with(
            {identity: sent for identity, sent in self.in_flight.items() if identity not in done}
        )

    def _with(self, in_flight: dict[UUID, InFlight]) -> Self:
        return replace(self, in_flight=MappingProxyType(in_flight))
