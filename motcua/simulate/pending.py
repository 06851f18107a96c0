"""What a simulated device has not had acknowledged, in memory, with its time of sending."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

CAPACITY = 50_000
"""Messages one device keeps while no server answers; then the oldest are dropped and counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessage:
    """One encoded message and its topic."""

    id: UUID
    topic: str
    payload: bytes


class PendingMessages:
    """Keeps messages until they are acknowledged; a sent one comes back after `resend_after_s`."""

    def __init__(self, *, window: int, resend_after_s: float) -> None:
        self._window = window
        self._resend_after_s = resend_after_s
        self._messages: dict[UUID, PendingMessage] = {}
        self._unsent: deque[UUID] = deque()
        self._sent_at_s: dict[UUID, float] = {}
        self.dropped = 0
        self.resent = 0

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: PendingMessage) -> None:
        """Keep `message`."""
        if len(self._messages) >= CAPACITY:
            self.acknowledge([next(iter(self._messages))])
            self.dropped += 1
        self._messages[message.id] = message
        self._unsent.append(message.id)

    def acknowledge(self, ids: Iterable[UUID]) -> int:
        """Forget the messages that the server has committed; return how many were ours."""
        forgotten = 0
        for id_ in ids:
            forgotten += self._messages.pop(id_, None) is not None
            self._sent_at_s.pop(id_, None)
        return forgotten

    def take(self, now_s: float) -> list[PendingMessage]:
        """Return what may be sent now, oldest first; it counts as sent from `now_s` on."""
        self._recall(now_s)
        taken: list[PendingMessage] = []
        while self._unsent and len(self._sent_at_s) < self._window:
            message = self._messages.get(self._unsent.popleft())
            if message is not None:
                self._sent_at_s[message.id] = now_s
                taken.append(message)
        return taken

    def recall_all(self) -> None:
        """Take everything for unsent again: the connection broke."""
        self._unsent.extendleft(reversed(self._sent_at_s))
        self._sent_at_s.clear()

    def _recall(self, now_s: float) -> None:
        late = []
        for id_, sent_at_s in self._sent_at_s.items():
            if now_s - sent_at_s < self._resend_after_s:
                break
            late.append(id_)
        for id_ in late:
            del self._sent_at_s[id_]
        self._unsent.extendleft(reversed(late))
        self.resent += len(late)
