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
HELD_RETRY_S = 600.0
"""The server holds what it cannot judge, and judges it by itself: asking again is for its loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """A message that was published, how often and when last; the server has not confirmed it."""

    row: OutboxRow
    sent_s: float
    attempts: int = 1
    held: bool = False

    @property
    def due_s(self) -> float:
        """When it is sent again: after 10, 20, 40 and then every 60 seconds; a held one later."""
        if self.held:
            return self.sent_s + HELD_RETRY_S
        timeout_s = pause_s(self.attempts, first_s=FIRST_TIMEOUT_S, longest_s=LAST_TIMEOUT_S)
        return self.sent_s + timeout_s

    def again(self, now_s: float) -> Self:
        """Return it as sent once more at `now_s`."""
        return replace(self, sent_s=now_s, attempts=self.attempts + 1, held=False)


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
        """How many more messages may be sent; those that the server holds take none."""
        return max(0, self.size - sum(not sent.held for sent in self.in_flight.values()))

    @property
    def awaits_answer(self) -> bool:
        """Whether the server has said nothing yet of some message."""
        return any(not sent.held for sent in self.in_flight.values())

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
        late = [sent for sent in self.in_flight.values() if sent.due_s <= now_s]
        held = [sent for sent in late if sent.held][: self.room]
        due = [*(sent for sent in late if not sent.held), *held]
        again = {sent.row.id: sent.again(now_s) for sent in due}
        rows = sorted((sent.row for sent in due), key=lambda row: row.seq)
        return self._with({**self.in_flight, **again}), rows

    def hold(self, ids: Collection[UUID], now_s: float) -> Self:
        """Return the window with these put back: the server cannot judge them yet.

        They make room for what comes later, and are sent again after a while.
        """
        held = {
            identity: replace(self.in_flight[identity], held=True, sent_s=now_s)
            for identity in ids
            if identity in self.in_flight
        }
        return self._with({**self.in_flight, **held})

    def confirm(self, ids: Collection[UUID]) -> Self:
        """Return the window without the messages that the server has."""
        done = set(ids)
        return self._with(
            {identity: sent for identity, sent in self.in_flight.items() if identity not in done}
        )

    def _with(self, in_flight: dict[UUID, InFlight]) -> Self:
        return replace(self, in_flight=MappingProxyType(in_flight))
