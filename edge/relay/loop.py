"""The relay's loop: events from the broker, rows from the outbox, and the device's heartbeat."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from queue import Empty
from typing import assert_never

import structlog

from contract.codec import decode
from contract.errors import ContractError
from contract.identifiers import new_id
from contract.messages import Health, ReportedProblem
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
from edge.relay.identity import IdentityWatch
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

TURN_S = 20.0
"""Of two units with one identity each waits so long, so that both get their messages sent."""

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
        self._identity = IdentityWatch(address.device, heartbeat.speaker.run)
        self._shared = False

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
            case Connected(local_address=address):
                self._heartbeat.set_local_address(address)
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
        if not self._shared:
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
            if not self._shared:
                log.warning(
                    "broker_away",
                    broker=str(self._broker),
                    reason=reason,
                    advice="messages wait in the outbox and are sent later; "
                    "check the network, the broker and [broker] url",
                )
        self._next_attempt_s = now_s + (TURN_S if self._shared else self._backoff.next_s())
        self._next_health_s = now_s
        self._connected = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _receive(self, topic: str, payload: bytes) -> None:
        if topic == self._address.topic(Stream.HEALTH):
            self._hear(payload)
            return
        result = self._downstream.handle(topic, payload, now=datetime.now(UTC))
        if result.confirmed:
            self._window = self._window.confirm(result.confirmed)
            self._confirmed_s = time.monotonic()
            self._seen_version = None
        if result.held:
            self._confirmed_s = time.monotonic()
            self._window = self._window.hold(result.held, self._confirmed_s)
            self._seen_version = None
            log.warning(
                "messages_held_by_server",
                messages=len(result.held),
                advice="the clock of this device or of the server is wrong; they are kept",
            )
        if result.health_wanted:
            self._next_health_s = 0.0

    def _hear(self, payload: bytes) -> None:
        """Look at what is said on this device's own health topic; nothing there stops the relay."""
        try:
            message = decode(Stream.HEALTH, payload, address=self._address)
        except ContractError:
            return
        if isinstance(message, Health):
            self._identity.note_heard(message, time.monotonic())
            if (self._identity.problem(time.monotonic()) is not None) != self._shared:
                self._next_health_s = 0.0  # said at once, here and to the server

    def _note_shared(self, now_s: float) -> None:
        """Log that another unit has this one's identity, or has it no more, once each."""
        problem = self._identity.problem(now_s)
        if problem is not None and not self._shared:
            log.error("identity_shared", problem=problem.text)
        elif problem is None and self._shared:
            log.info("identity_ours_alone_again")
        self._shared = problem is not None

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
        if not self._window.awaits_answer:
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
            self._identity.note_spoken(datetime.now(UTC))

    def _problems(self, now_s: float) -> tuple[ReportedProblem, ...]:
        self._note_shared(now_s)
        found = [self._identity.problem(now_s)]
        silent_s = now_s - self._confirmed_s
        if self._connected and self._window.awaits_answer and silent_s > SILENT_AFTER_S:
            found.append(report(ProblemCode.SERVER_SILENT, silent_s=round(silent_s)))
        return tuple(problem for problem in found if problem is not None)

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
