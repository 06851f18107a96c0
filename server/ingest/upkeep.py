"""What ingest does beside committing: it tells what it found of clocks and identities, judges anew
what it holds, carries what telephones sent, publishes configurations, and clears what retired
devices left at the broker.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from time import monotonic

import psycopg
import structlog

from contract.readings import ClockTrust
from contract.topics import Address, Stream
from runtime.sql import statements
from server.db.changes import notify_change
from server.db.literals import literal
from server.devices.clocks import SKEW_S, ServerClock
from server.ingest.batch import Batch
from server.ingest.configs import publish_configs
from server.ingest.decoding import TimeLimits
from server.ingest.heartbeats import Watches
from server.ingest.held import judge_held
from server.ingest.settings import IngestSettings
from server.ingest.telephones import carry_ratings

EVERY_S = 2.0
STORED_EVERY_S = 10.0
JUDGED_EVERY_S = 10.0
ALARM_EVERY_S = 60.0
"""A server whose clock is wrong says so again and again."""

_SQL = statements("server.ingest", "clocks.sql")
_DEVICES = statements("server.devices", "devices.sql")
_CONFIGS = statements("server.devices", "configs.sql")
_RETAINED = (Stream.HEALTH, Stream.CONFIG)

log = structlog.get_logger()


class Upkeep:
    """Does what is due; raises psycopg.Error when the database is away, and then does it later."""

    def __init__(
        self, settings: IngestSettings, watches: Watches, retain: Callable[[str, bytes], None]
    ) -> None:
        self._settings = settings
        self._watches = watches
        self._retain = retain
        self._done_s = self._stored_s = self._judged_s = self._alarmed_s = -math.inf
        self._state: ClockTrust | None = None
        self._database_differs = False
        self._shared: Mapping[Address, tuple[str, ...]] = {}

    def start(self, connection: psycopg.Connection) -> None:
        """Forget what an earlier process measured."""
        connection.execute(_SQL["forget_clocks"])

    def run(self, connection: psycopg.Connection) -> Iterator[Batch]:
        """Do what is due, and yield what was committed of the messages held until now."""
        now_s = monotonic()
        if now_s - self._done_s < EVERY_S:
            return
        self._done_s = now_s
        clock = self._watches.server_clock()
        changed = clock.state is not self._state
        self._say(clock, now_s, changed=changed)
        if changed or now_s - self._stored_s >= STORED_EVERY_S:
            self._store(connection, clock, now_s)
            self._stored_s = now_s
        if changed:
            notify_change(connection, None)
        self._clear_retained(connection)
        publish_configs(connection, self._retain, self._watches.wall.now())
        due = changed or now_s - self._judged_s >= JUDGED_EVERY_S
        self._state = clock.state
        if due and clock.state is not ClockTrust.SUSPECT:
            yield from self._judge(connection)
            self._judged_s = now_s
        self._carry(connection)

    def _say(self, clock: ServerClock, now_s: float, *, changed: bool) -> None:
        if clock.state is not ClockTrust.SUSPECT:
            if changed and self._state is ClockTrust.SUSPECT:
                log.info("server_clock_trusted_again", devices=clock.devices)
            return
        if changed or now_s - self._alarmed_s >= ALARM_EVERY_S:
            self._alarmed_s = now_s
            log.error(
                "server_clock_suspect",
                ahead_s=round(clock.offset_s or 0.0, 1),
                devices=clock.devices,
                next="set this machine's clock; until then nothing is acknowledged and devices "
                "keep their messages",
            )

    def _store(self, connection: psycopg.Connection, clock: ServerClock, now_s: float) -> None:
        now = self._watches.wall.now()
        offsets_s = self._watches.clocks.offsets_s(now, monotonic())
        with connection.transaction():
            columns = _addresses(offsets_s) | {"offset_s": literal(list(offsets_s.values()))}
            connection.execute(_SQL["store_device_clocks"], columns)
            self._store_shared(connection, now_s)
            connection.execute(
                _SQL["store_server_clock"],
                {
                    "state": str(clock.state),
                    "offset_s": clock.offset_s,
                    "devices": clock.devices,
                    "database_offset_s": self._database_offset_s(connection),
                    "now": now,
                },
            )

    def _store_shared(self, connection: psycopg.Connection, now_s: float) -> None:
        shared = self._watches.identities.shared(now_s)
        for address in shared.keys() - self._shared.keys():
            log.error(
                "device_identity_shared",
                unit=address.unit,
                counter=address.counter,
                device=address.device,
                addresses=list(shared[address]),
                next="give one of the two units another name in its edge.toml",
            )
        self._shared = shared
        addresses = {"addresses": [",".join(found) for found in shared.values()]}
        connection.execute(_SQL["store_shared"], _addresses(shared) | addresses)

    def _database_offset_s(self, connection: psycopg.Connection) -> float:
        """Return how far the database's clock is ahead of this one; say it when it differs."""
        ((database_now,),) = connection.execute(_SQL["database_time"]).fetchall()
        offset_s = float((database_now - self._watches.wall.now()) / timedelta(seconds=1))
        differs = abs(offset_s) > SKEW_S
        if differs and not self._database_differs:
            log.error(
                "database_clock_differs",
                ahead_s=round(offset_s, 1),
                next="set the clocks of ingest and of the database by one time server",
            )
        self._database_differs = differs
        return offset_s

    def _clear_retained(self, connection: psycopg.Connection) -> None:
        """Take from the broker what retired devices left there: else it comes at every start."""
        rows = connection.execute(_DEVICES["retained_to_clear"]).fetchall()
        for unit, counter, device in rows:
            address = Address(unit=unit, counter=counter, device=device)
            for stream in _RETAINED:
                self._retain(address.topic(stream), b"")
            of = {"unit": unit, "counter": counter, "device": device}
            connection.execute(_CONFIGS["unpublish"], of)
            connection.execute(_DEVICES["retained_cleared"], of)

    def _carry(self, connection: psycopg.Connection) -> None:
        """Have telephones' ratings stored; nobody waits for their acknowledgement."""
        stored = carry_ratings(connection, self._watches.times(), self._watches.wall.now())
        if stored is not None:
            log.info("phone_ratings_carried", ratings=len(stored.accepted))

    def _judge(self, connection: psycopg.Connection) -> Iterator[Batch]:
        times = self._watches.times()
        assert times.received_at is not None
        limits = TimeLimits.at(
            times.received_at,
            past_limit_days=self._settings.past_limit_days,
            future_limit_s=self._settings.future_limit_s,
        )
        yield from judge_held(connection, limits, times)


def _addresses(found: Mapping[Address, object]) -> dict[str, object]:
    return {
        "unit": [address.unit for address in found],
        "counter": [address.counter for address in found],
        "device": [address.device for address in found],
    }
