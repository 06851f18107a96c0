"""The relay's loop: events from the broker, rows from the outbox, and the unit's heartbeat."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from queue import Empty
from typing import assert_never

import structlog

from contract.identifiers import new_id
from contract.problems import Problem
from contract.topics import Address, Stream
from edge.broker import BrokerAddress
from edge.errors import StoreError
from edge.outbox import Outbox, OutboxRow
from edge.relay.attempts import Attempts
from edge.relay.heartbeat import PERIOD_S, Heartbeat
from edge.relay.inbox import Inbox
from edge.relay.link import Arrived, Event, Events, Link, Lost, Ready, Stop
from edge.relay.window import Window

POLL_S = 0.05
"""How often the outbox is looked at: 20 looks of 7 microseconds a second."""

READY_WITHIN_S = 20.0
SILENT_AFTER_S = 60.0

_RESEND_LOOK_S = 1.0

log = structlog.get_logger()


class Courier:
    """Carries messages between the outbox and the broker until it is told to stop."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        broker: BrokerAddress,
        address: Address,
        heartbeat: Heartbeat,
        events: Events,
    ) -> None:
        self._outbox = outbox
        self._broker = broker
        self._address = address
        self._heartbeat = heartbeat
        self._events = events
        self._inbox = Inbox(outbox, address)
        self._link: Link | None = None
        self._ready = False
        self._attempts = Attempts()
        self._window = Window()
        self._seen_version: int | None = None
        self._next_attempt_s = self._next_resend_s = self._next_health_s = 0.0
        self._confirmed_s = 0.0
        self._store_failure: str | None = None

    def run(self) -> None:
        """Work until a `Stop` arrives; then say good-bye to the broker."""
        while True:
            event = self._next_event()
            if isinstance(event, Stop):
                break
            try:
                if event is not None:
                    self._handle(event)
                self._tick(time.monotonic())
            except StoreError as error:
                # The relay goes on: a full disk is freed by deleting what the server has.
                self._seen_version = None
                self._note_store(str(error))
        self._leave()

    def _next_event(self) -> Event | None:
        try:
            return self._events.get(timeout=POLL_S)
        except Empty:
            return None

    def _handle(self, event: Ready | Lost | Arrived) -> None:
        if self._link is None or event.session != self._link.session:
            return  # of a connection that was given up
        match event:
            case Ready():
                self._begin()
            case Lost(reason=reason):
                self._give_up(reason)
            case Arrived(topic=topic, payload=payload):
                self._receive(topic, payload)
            case _:
                assert_never(event)

    def _tick(self, now_s: float) -> None:
        if self._link is None:
            if now_s >= self._next_attempt_s:
                self._connect(now_s)
        elif self._ready:
            self._send(now_s)
        elif now_s >= self._next_attempt_s + READY_WITHIN_S:
            self._give_up("the broker does not answer")
        if now_s >= self._next_health_s:
            self._next_health_s = now_s + PERIOD_S
            self._report(now_s)

    def _connect(self, now_s: float) -> None:
        self._next_attempt_s = now_s
        session = new_id(datetime.now(UTC))
        self._link = Link(
            self._broker,
            self._address,
            session=session,
            will=self._heartbeat.farewell(session),
            events=self._events,
        )
        self._link.start()

    def _begin(self) -> None:
        """Start from an empty window: what is still in the outbox is sent again, in order."""
        now_s = time.monotonic()
        log.info(
            "broker_connected",
            broker=str(self._broker),
            away_s=round(self._attempts.away_s(now_s), 1),
            failures=self._attempts.failures,
            waiting=self._outbox.depth(),
        )
        self._ready = True
        self._attempts = Attempts()
        self._window = Window()
        self._seen_version = None
        self._confirmed_s = self._next_health_s = now_s

    def _give_up(self, reason: str) -> None:
        """Drop the connection and plan the next attempt; an outage is logged once."""
        now_s = time.monotonic()
        if not self._attempts.failures:
            log.warning(
                "broker_away",
                broker=str(self._broker),
                reason=reason,
                advice="messages wait in the outbox and are sent later; "
                "check the network, the broker and [broker] url",
            )
        self._attempts = self._attempts.failed(now_s)
        self._next_attempt_s = now_s + self._attempts.pause_s(random.random())  # noqa: S311
        self._next_health_s = now_s
        self._ready = False
        if self._link is not None:
            self._link.close()
            self._link = None

    def _receive(self, topic: str, payload: bytes) -> None:
        receipt = self._inbox.receive(topic, payload, now=datetime.now(UTC))
        if receipt.confirmed:
            self._window = self._window.confirm(receipt.confirmed)
            self._confirmed_s = time.monotonic()
            self._seen_version = None
        if receipt.health_wanted:
            self._next_health_s = 0.0

    def _send(self, now_s: float) -> None:
        if now_s >= self._next_resend_s:
            self._next_resend_s = now_s + _RESEND_LOOK_S
            self._window, overdue = self._window.resend(now_s)
            if overdue:
                log.warning("sent_again", messages=len(overdue), first_seq=overdue[0].seq)
            self._publish(overdue)
        version = self._outbox.version()
        if version == self._seen_version or not self._window.room:
            return
        if not self._window.in_flight:
            self._confirmed_s = now_s
        rows = self._outbox.waiting(self._window.room, after_seq=self._window.after_seq)
        self._seen_version = version
        self._window, fresh = self._window.send(rows, now_s)
        self._publish(fresh)

    def _publish(self, rows: list[OutboxRow]) -> None:
        if self._link is not None:
            for row in rows:
                self._link.publish(row.stream, row.payload)

    def _report(self, now_s: float) -> None:
        """Tell the kiosk whether the broker is there, and the server how the unit is."""
        problems = self._problems(now_s)
        self._note_store(self._heartbeat.note(connected=self._ready, problems=problems))
        if self._link is not None and self._ready:
            if self._store_failure is not None:
                problems = (*problems, self._store_failure)
            self._link.publish(Stream.HEALTH, self._heartbeat.beat(self._link.session, problems))

    def _problems(self, now_s: float) -> tuple[str, ...]:
        silent_s = now_s - self._confirmed_s
        if self._ready and self._window.in_flight and silent_s > SILENT_AFTER_S:
            return (Problem.SERVER_SILENT.say(silent_s=round(silent_s)),)
        return ()

    def _note_store(self, failure: str | None) -> None:
        """Log that the store fails, or works again, once each."""
        if failure is not None and self._store_failure is None:
            log.error("store_failed", error=failure)
        elif failure is None and self._store_failure is not None:
            log.info("store_works_again")
        self._store_failure = failure

    def _leave(self) -> None:
        if self._link is not None:
            self._link.close(self._heartbeat.farewell(self._link.session) if self._ready else None)
        log.info("relay_stopped")
