"""Stores calls as `ticket` messages, for the server and for the idle screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from contract.identifiers import new_id
from contract.messages import PromptOpener, Ticket, TicketEvent
from contract.topics import STREAMS, Stream
from edge.errors import StoreError
from edge.store.outbox import Outbox
from edge.store.prompts import PromptBook
from edge.tickets.frames import Call

REPEATED_WITHIN = timedelta(seconds=2)
"""Machines send an event several times, in case the line is bad."""

_CALLS = {TicketEvent.CALLED, TicketEvent.RECALLED}

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class TicketDesk:
    """Stores the calls of one machine. `counters` are ours by the machine's own names."""

    outbox: Outbox
    book: PromptBook
    counters: Mapping[str, str]
    asks_for_s: float
    """How long a ticket that has been served asks for a rating; 0 does not ask."""
    problem: StoreError | None = None
    unknown: set[str] = field(default_factory=set)
    _last: dict[tuple[str, str, TicketEvent], datetime] = field(default_factory=dict)

    def take(self, call: Call, *, now: datetime) -> Ticket | None:
        """Store a call; None for one that is repeated, or of a counter that is not ours."""
        counter = self._counter(call)
        if counter is None:
            return None
        key = (counter, call.number, call.event)
        before = self._last.get(key)
        self._last = {k: at for k, at in self._last.items() if now - at <= REPEATED_WITHIN}
        if before is not None and timedelta(0) <= now - before <= REPEATED_WITHIN:
            return None
        ticket = self._ticket(call, counter, now)
        try:
            stored = self.outbox.write(lambda: self._store(ticket, counter))
        except StoreError as error:
            if self.problem is None:
                log.error("ticket_not_stored", error=str(error))  # noqa: TRY400
            self.problem = error
            return None
        self._last[key] = now
        self.problem = None
        log.info("ticket_stored", happened=call.event, counter=counter)
        return stored

    def _counter(self, call: Call) -> str | None:
        if call.counter is None or not self.counters:
            return self.book.counter
        counter = self.counters.get(call.counter) or self.counters.get(call.counter.lstrip("0"))
        if counter is None and call.counter not in self.unknown and len(self.unknown) < 50:
            self.unknown.add(call.counter)
            log.warning("counter_unknown", machine_counter=call.counter, next="[tickets] counters")
        return counter

    def _ticket(self, call: Call, counter: str, now: datetime) -> Ticket:
        return Ticket(
            id=new_id(now),
            device=self.book.device,
            seq=0,
            observed_at=now,
            schema=STREAMS[Stream.TICKET].version,
            number=call.number,
            event=call.event,
            service=call.service,
            counter=None if counter == self.book.counter else counter,
        )

    def _store(self, ticket: Ticket, counter: str) -> Ticket:
        at = ticket.observed_at.timestamp()
        if ticket.event in _CALLS:
            self.outbox.execute("put_called", counter, ticket.number, at)
        self.outbox.execute("touch_duty", at, counter, at)
        if ticket.event is TicketEvent.SERVED and self.asks_for_s > 0:
            self.book.open_within(
                counter,
                PromptOpener.TICKET_TERMINAL,
                now=ticket.observed_at,
                expires_at=ticket.observed_at + timedelta(seconds=self.asks_for_s),
            )
        return self.outbox.put(ticket)
