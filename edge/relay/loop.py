"""The relay's loop: events from the broker, rows from the outbox, and the device's heartbeat."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from queue import Empty
from typing import assert_never

import structlog

from contract.identifiers import new_id
from contract.messages import ReportedProblem
from contract.problems import ProblemCode, report
from contract.topics import Address, Stream
from edge.errors import StoreError
from edge.relay.connection import (
    BrokerConnection,
    Connected,
    Disconnected,
    Event,
    Events,
    Received,
    Stop,
)
from edge.relay.downstream import DownstreamHandler
from edge.relay.heartbeat import PERIOD_S, Heartbeat
from edge.relay.send_window import SendWindow
from edge.store.outbox import Outbox, OutboxRow
from runtime.backoff import Backoff
from runtime.broker import BrokerAddress

POLL_S = 0.05
"""How often the outbox is polled: 20 times 7 microseconds a second."""

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
CONNECTED_WITHIN_S = 20.0
SILENT_AFTER_S = 60.0

_RESEND_CHECK_S = 1.0

log = structlog.get_logger()


class RelayLoop:
    """Sends the outbox's messages to the broker and applies what the server sends back."""

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
        self._downstream = DownstreamHandler(outbox, address)
        self._connection: BrokerConnection | None = None
        self._connected = False
        self._backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self._away_since_s: float | None = None
        self._window = SendWindow()
        self._seen_version: int | None = None
        self._next_attempt_s = self._next_resend_s = self._next_health_s = 0.0
        self._confirmed_s = 0.0
        self._store_problem: ReportedProblem | None = None

    def run(self) -> None:
        """Work until a `Stop` arrives; then tell the broker that the device is offline."""
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
                self._set_store_problem(error.problem)
        self._disconnect()

    def _next_event(self) -> Event | None:
        try:
            return self._events.get(timeout=POLL_S)
        except Empty:
            return None

    def _handle(self, event: Connected | Disconnected | Received) -> None:
        if self._connection is None or event.session != self._connection.session:
            return  # of a connection that was given up
        match event:
            case Connected():
                self._begin()
            case Disconnected(reason=reason):
                self._give_up(reason)
            case Received(topic=topic, payload=payload):
                self._receive(topic, payload)
            case _:
                assert_never(event)

    def _tick(self, now_s: float) -> None:
        if self._connection is None:
            if now_s >= self._next_attempt_s:
                self._connect(now_s)
        elif self._connected:
            self._send(now_s)
        elif now_s >= self._next_attempt_s + CONNECTED_WITHIN_S:
            self._give_up("the broker does not answer")
        if now_s >= self._next_health_s:
            self._next_health_s = now_s + PERIOD_S
            self._report(now_s)

    def _connect(self, now_s: float) -> None:
        self._next_attempt_s = now_s
        session = new_id(datetime.now(UTC))
        self._connection = BrokerConnection(
            self._broker,
            self._address,
            session=session,
            will=self._heartbeat.offline(session),
            events=self._events,
        )
        self._connection.start()

    def _begin(self) -> None:
        """Start from an empty window: what is still in the outbox is sent again, in order."""
        now_s = time.monotonic()
        log.info(
            "broker_connected",
            broker=str(self._broker),
            away_s=0.0 if self._away_since_s is None else round(now_s - self._away_since_s, 1),
            failures=self._backoff.failures,
            waiting=self._outbox.depth(),
        )
        self._connected = True
        self._backoff.reset()
        self._away_since_s = None
        self._window = SendWindow()
        self._seen_version = None
        self._confirmed_s = self._next_health_s = now_s

    def _give_up(self, reason: str) -> None:
        """Drop the connection and plan the next attempt; an outage is logged once."""
        now_s = time.monotonic()
        if self._away_since_s is None:
            self._away_since_s = now_s
            log.warning(
                "broker_away",
                broker=str(self._broker),
                reason=reason,
                advice="messages wait in the outbox and are sent later; "
                "check the network, the broker and [broker] url",
            )
        self._next_attempt_s = now_s + self._backoff.next_s()
        self._next_health_s = now_s
        self._connected = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _receive(self, topic: str, payload: bytes) -> None:
        result = self._downstream.handle(topic, payload, now=datetime.now(UTC))
        if result.confirmed:
            self._window = self._window.confirm(result.confirmed)
            self._confirmed_s = time.monotonic()
            self._seen_version = None
        if result.health_wanted:
            self._next_health_s = 0.0

    def _send(self, now_s: float) -> None:
        if now_s >= self._next_resend_s:
            self._next_resend_s = now_s + _RESEND_CHECK_S
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
        if self._connection is not None:
            for row in rows:
                self._connection.publish(row.stream, row.payload)

    def _report(self, now_s: float) -> None:
        """Tell the kiosk whether the broker is there, and the server how the device is."""
        problems = self._problems(now_s)
        self._set_store_problem(
            self._heartbeat.put_status(connected=self._connected, problems=problems)
        )
        if self._connection is not None and self._connected:
            if self._store_problem is not None:
                problems = (*problems, self._store_problem)
            self._connection.publish(
                Stream.HEALTH, self._heartbeat.online(self._connection.session, problems)
            )

    def _problems(self, now_s: float) -> tuple[ReportedProblem, ...]:
        silent_s = now_s - self._confirmed_s
        if self._connected and self._window.in_flight and silent_s > SILENT_AFTER_S:
            return (report(ProblemCode.SERVER_SILENT, silent_s=round(silent_s)),)
        return ()

    def _set_store_problem(self, problem: ReportedProblem | None) -> None:
        """Log that the store fails, or works again, once each."""
        if problem is not None and self._store_problem is None:
            log.error("store_failed", error=problem.text)
        elif problem is None and self._store_problem is not None:
            log.info("store_works_again")
        self._store_problem = problem

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close(
                self._heartbeat.offline(self._connection.session) if self._connected else None
            )
        log.info("relay_stopped")
