"""Which messages are under way: what may be sent, what must be sent again, what is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Self
from uuid import UUID

from edge.outbox import OutboxRow

SIZE = 1000
"""Messages under way at most: at 400 bytes each they fit the broker's default queue."""

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
        doublings = min(self.attempts - 1, 16)  # far past the cap, and never too large a number
        return self.sent_s + min(FIRST_TIMEOUT_S * 2.0**doublings, LAST_TIMEOUT_S)

    def again(self, now_s: float) -> Self:
        """Return it as sent once more."""
        return replace(self, sent_s=now_s, attempts=self.attempts + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The messages under way on one connection, as a value; times are of one monotonic clock.

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
        """The number above which nothing is under way: rows to send are read from there.

        Rows are sent in order, so that everything below is under way or confirmed and deleted.
        """
        return max((sent.row.seq for sent in self.in_flight.values()), default=0)

    def send(self, rows: Iterable[OutboxRow], now_s: float) -> tuple[Self, list[OutboxRow]]:
        """Return the window with as many of `rows` under way as fit, and those to publish."""
        fresh = [row for row in rows if row.id not in self.in_flight][: self.room]
        sent = {row.id: InFlight(row=row, sent_s=now_s) for row in fresh}
        return self._holding({**self.in_flight, **sent}), fresh

    def resend(self, now_s: float) -> tuple[Self, list[OutboxRow]]:
        """Return the window and, in order, the rows whose confirmation is overdue."""
        overdue = {
            identity: sent.again(now_s)
            for identity, sent in self.in_flight.items()
            if sent.due_s <= now_s
        }
        rows = sorted((sent.row for sent in overdue.values()), key=lambda row: row.seq)
        return self._holding({**self.in_flight, **overdue}), rows

    def confirm(self, ids: Collection[UUID]) -> Self:
        """Return the window without the messages that the server has."""
        done = set(ids)
        return self._holding(
            {identity: sent for identity, sent in self.in_flight.items() if identity not in done}
        )

    def _holding(self, in_flight: dict[UUID, InFlight]) -> Self:
        return replace(self, in_flight=MappingProxyType(in_flight))
