"""Each link of the chain is killed with SIGKILL under load; every rating counts exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from contract.identifiers import new_id
from contract.messages import Rating
from edge.store.outbox import Outbox
from motcua.local.broker import Broker, run_broker
from motcua.local.postgres import PostgresServer, run_postgres
from server.db.migrations import migrate
from tests.processes import Motcua, motcua
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

KILLS = 3
RATINGS_BETWEEN_KILLS = 150
DRAIN_S = 90.0


@dataclass(kw_only=True)
class Chain:
    """Outbox, relay, broker, ingest and PostgreSQL, each a real process that can be killed."""

    outbox: Outbox
    database: PostgresServer
    broker: Broker
    ingest: Motcua
    relay: Motcua
    sent: list[UUID] = field(default_factory=list)

    def tap(self, score: int = 4) -> None:
        """Store one rating as the kiosk does."""
        at = datetime.now(UTC)
        rating = Rating(
            id=new_id(at), device="edge-1", seq=0, observed_at=at, schema=1, score=score
        )
        self.outbox.append(rating)
        self.sent.append(rating.id)

    def stored(self) -> list[UUID]:
        """Return the ids of all ratings in the database."""
        with psycopg.connect(self.database.url) as connection:
            return [row[0] for row in connection.execute("SELECT id FROM rating").fetchall()]

    def counted(self) -> int:
        """Return the ratings that the hourly rollup counts."""
        with psycopg.connect(self.database.url) as connection:
            row = connection.execute(
                "SELECT coalesce(sum(score_1 + score_2 + score_3 + score_4 + score_5), 0)"
                " FROM rating_hourly"
            ).fetchone()
            assert row is not None
            return int(row[0])


@pytest.fixture
def chain(tmp_path: Path, open_tmp_path: Path, mosquitto: None) -> Iterator[Chain]:
    with ExitStack() as stack:
        database = stack.enter_context(run_postgres(open_tmp_path / "pg"))
        with closing(psycopg.connect(database.url, autocommit=True)) as connection:
            migrate(connection)
        broker = stack.enter_context(run_broker(open_tmp_path / "mqtt"))
        config = tmp_path / "edge.toml"
        store = tmp_path / "edge.sqlite3"
        config.write_text(
            f'[device]\nunit = "chaos"\ncounter = "quay-1"\ndevice = "edge-1"\n'
            f'[store]\npath = "{store}"\nreserve_mb = 0\n[broker]\nurl = "{broker.url}"\n'
        )
        ingest = stack.enter_context(
            motcua(
                "server", "ingest", "--database-url", database.url, "--broker", broker.url,
                log=tmp_path / "ingest.log",
            )
        )  # fmt: skip
        relay = stack.enter_context(
            motcua("edge", "relay", "--config", str(config), log=tmp_path / "relay.log")
        )
        for process in (ingest, relay):
            eventually(lambda p=process: "broker_connected" in p.output(), 30, what=process.args[1])
        outbox = stack.enter_context(Outbox.open(store, max_rows=100_000, reserve_mb=0))
        yield Chain(outbox=outbox, database=database, broker=broker, ingest=ingest, relay=relay)


@contextmanager
def taps(chain: Chain) -> Iterator[Callable[[int], None]]:
    """Tap steadily while the block runs; yields a function that waits for so many more taps."""
    stop, tapped = threading.Event(), threading.Condition()

    def tap_on() -> None:
        while not stop.wait(0.003):
            chain.tap()
            with tapped:
                tapped.notify_all()

    def wait_for(more: int) -> None:
        goal = len(chain.sent) + more
        with tapped:
            assert tapped.wait_for(lambda: len(chain.sent) >= goal, timeout=60)

    thread = threading.Thread(target=tap_on)
    thread.start()
    try:
        yield wait_for
    finally:
        stop.set()
        thread.join()


def crash(victim: Motcua | Broker | PostgresServer) -> None:
    victim.kill()
    victim.start()


@pytest.mark.parametrize("victim", ["relay", "ingest", "broker", "database"])
def test_every_rating_counts_once_when_a_process_is_killed_under_load(chain, victim):
    with taps(chain) as wait_for:
        wait_for(RATINGS_BETWEEN_KILLS)
        for _ in range(KILLS):
            crash(getattr(chain, victim))
            wait_for(RATINGS_BETWEEN_KILLS)
    eventually(lambda: chain.outbox.depth() == 0, timeout_s=DRAIN_S)
    stored = chain.stored()
    assert len(stored) == len(set(stored)), "a rating was stored twice"
    assert set(stored) == set(chain.sent)
    assert chain.counted() == len(chain.sent)


def test_every_rating_counts_once_when_all_are_killed_at_the_same_moment(chain):
    with taps(chain) as wait_for:
        wait_for(RATINGS_BETWEEN_KILLS)
        victims = [chain.relay, chain.broker, chain.ingest, chain.database]
        for victim in victims:
            victim.kill()
        wait_for(RATINGS_BETWEEN_KILLS)
        for victim in reversed(victims):
            victim.start()
        wait_for(RATINGS_BETWEEN_KILLS)
    eventually(lambda: chain.outbox.depth() == 0, timeout_s=DRAIN_S)
    assert sorted(chain.stored()) == sorted(chain.sent)
    assert chain.counted() == len(chain.sent)
