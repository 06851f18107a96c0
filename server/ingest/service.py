"""The ingest process: collect, decode, commit, acknowledge, and again."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable
from dataclasses import replace

import psycopg
import structlog

from runtime.backoff import Backoff
from runtime.broker import BrokerAddress
from server.db.connection import address as database_address
from server.db.connection import connect, one_line, session
from server.db.migrations import require_current
from server.db.read_only import why_read_only
from server.errors import DatabaseAway
from server.ingest.acks import publish_acks
from server.ingest.batch import Batch
from server.ingest.decoding import TimeLimits, decode_batch
from server.ingest.deliveries import Delivery, DeliveryQueue
from server.ingest.heartbeats import WallClock, Watches
from server.ingest.settings import IngestSettings
from server.ingest.subscriber import Subscriber
from server.ingest.upkeep import Upkeep
from server.ingest.writer import write

IDLE_WAIT_S = 1.0
REPORT_EVERY_S = 60.0

log = structlog.get_logger()


class Ingest:
    """Joins one subscriber and one database connection; `run` returns after `stop`."""

    def __init__(
        self,
        database_url: str,
        broker_url: str,
        settings: IngestSettings,
        *,
        wall: WallClock | None = None,
    ) -> None:
        self._database_url = database_url
        self._settings = settings
        self._queue = DeliveryQueue(settings)
        self._subscriber = Subscriber(
            BrokerAddress.parse(broker_url), settings.client_id, self._queue
        )
        self._watches = Watches(wall=wall or WallClock())
        self._upkeep = Upkeep(settings, self._watches, self._subscriber.retain)
        self._stopping = threading.Event()
        self._committed = 0
        self._quarantined = 0
        self._held_said_at = -math.inf

    def stop(self) -> None:
        """Finish the batch in hand and return from `run`; takes locks, so no signal handler."""
        self._stopping.set()
        self._queue.stop()

    def run(self) -> None:
        """Work until stopped. Raises DatabaseAway or SchemaError only at the start."""
        with session(self._database_url) as connection:
            require_current(connection)
            self._upkeep.start(connection)
        connection = connect(self._database_url, autocommit=True)
        try:
            with self._subscriber.running():
                connection = self._work(connection)
        finally:
            connection.close()

    def _work(self, connection: psycopg.Connection) -> psycopg.Connection:
        reported_at = time.monotonic()
        while not self._stopping.is_set():
            deliveries = self._queue.collect(IDLE_WAIT_S)
            if deliveries:
                connection, batch = self._commit(connection, deliveries)
                if batch is not None:
                    self._subscriber.acknowledge(deliveries)
                    self._acknowledge(batch)
            self._keep_up(connection)
            if time.monotonic() - reported_at >= REPORT_EVERY_S:
                log.info("ingest", committed=self._committed, quarantined=self._quarantined)
                reported_at = time.monotonic()
        return connection

    def _keep_up(self, connection: psycopg.Connection) -> None:
        """Do what is due beside committing; with the database away, it is due until it is back."""
        if connection.closed or not self._subscriber.connected:
            return
        try:
            for decided in self._upkeep.run(connection):
                self._acknowledge(decided)
        except psycopg.Error as error:
            self._report_failure(connection, error)
            connection.close()

    def _commit(
        self, connection: psycopg.Connection, deliveries: list[Delivery]
    ) -> tuple[psycopg.Connection, Batch | None]:
        """Commit until it succeeds, however long the database is away; None when stopped first."""
        self._watches.note(deliveries)
        batch = self._decode(deliveries)
        failing_since: float | None = None
        known_read_only = False
        backoff = Backoff(self._settings.retry_first_s, self._settings.retry_cap_s)
        while not self._stopping.is_set():
            try:
                if connection.closed:
                    connection = connect(self._database_url, autocommit=True)
                stored = write(connection, batch)
            except (psycopg.Error, DatabaseAway) as error:
                read_only = not connection.closed and why_read_only(connection) is not None
                if failing_since is None or (read_only and not known_read_only):
                    failing_since = failing_since or time.monotonic()
                    self._report_failure(connection, error)
                known_read_only = known_read_only or read_only
                connection.close()
                self._stopping.wait(backoff.next_s())
            else:
                if failing_since is not None:
                    log.info("database_back", after_s=round(time.monotonic() - failing_since, 1))
                return connection, stored
        return connection, None

    def _report_failure(self, connection: psycopg.Connection, error: Exception) -> None:
        """Say whether the database is away, or answers and does not commit (a full disk)."""
        away = connection.closed or isinstance(error, DatabaseAway)
        because = None if connection.closed else why_read_only(connection)
        if because is not None:
            log.warning(
                "database_read_only",
                database=database_address(self._database_url),
                problem=because.problem,
                next=because.next,
            )
            return
        log.warning(
            "database_away" if away else "commit_failed",
            database=database_address(self._database_url),
            error=one_line(error),
        )

    def _decode(self, deliveries: Iterable[Delivery]) -> Batch:
        """Return the batch as it is judged now: without a confirmed clock, times refuse nothing."""
        times = self._watches.times()
        assert times.received_at is not None
        limits = TimeLimits.at(
            times.received_at,
            past_limit_days=self._settings.past_limit_days,
            future_limit_s=self._settings.future_limit_s,
        )
        received = ((topic, payload) for topic, payload, *_ in deliveries)
        batch = replace(decode_batch(received, limits), times=times)
        return batch if times.confirmed else batch.hold_untimely()

    def _acknowledge(self, batch: Batch) -> None:
        """Tell devices what is committed, unless this machine's clock is suspect: then later."""
        if not self._watches.suspicious():
            publish_acks(batch, self._watches.wall.now(), self._subscriber.publish)
        self._committed += len(batch.accepted)
        self._quarantined += len(batch.refused)
        if batch.refused:
            last = batch.refused[-1]
            log.warning(
                "quarantined",
                messages=len(batch.refused),
                topic=last.topic,
                refusal=str(last.refusal),
                reason=last.reason,
            )
        self._say_held(batch)

    def _say_held(self, batch: Batch) -> None:
        """Say at most once a minute that messages are held: they come again and again."""
        if not batch.held or time.monotonic() - self._held_said_at < REPORT_EVERY_S:
            return
        self._held_said_at = time.monotonic()
        last = batch.held[-1]
        log.warning("held", messages=len(batch.held), topic=last.topic, reason=last.reason)
