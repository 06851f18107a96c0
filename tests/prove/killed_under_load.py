"""Each link of the chain is killed with SIGKILL under load; every rating counts exactly once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg

from contract.identifiers import new_id
from contract.messages import Rating
from edge.store.outbox import Outbox
from motcua.local.broker import Broker, run_broker
from motcua.local.postgres import PostgresServer, run_postgres
from server.db.migrations import migrate
from tests.processes import Motcua, motcua
from tests.prove.proofs import Proof
from tests.waiting import eventually

RATINGS_BETWEEN_KILLS = 150
DRAIN_S = 120.0
PAUSE_S = 0.003
VICTIMS = ("relay", "ingest", "broker", "database")
EVERYTHING = "all"


@dataclass(kw_only=True)
class Chain:
    """Outbox, relay, broker, ingest and PostgreSQL, each a real process that can be killed."""

    outbox: Outbox
    database: PostgresServer
    broker: Broker
    ingest: Motcua
    relay: Motcua
    sent: list[UUID] = field(default_factory=list)

    def tap(self) -> None:
        """Store one rating as the kiosk does."""
        at = datetime.now(UTC)
        rating = Rating(id=new_id(at), device="edge-1", seq=0, observed_at=at, schema=1, score=4)
        self.outbox.append(rating)
        self.sent.append(rating.id)

    def drained(self) -> bool:
        """Return whether nothing waits; starts what has ended again, as its supervisor does.

        Ingest ends when the database is away at its start.
        """
        for process in (self.ingest, self.relay):
            if not process.running:
                process.start()
        return self.outbox.depth() == 0

    def stored(self) -> list[UUID]:
        """Return the ids of all ratings in the database."""
        with psycopg.connect(self.database.url) as connection:
            return [row[0] for row in connection.execute("SELECT id FROM rating").fetchall()]

    def counted(self) -> int:
        """Return the ratings that the hourly totals count."""
        with psycopg.connect(self.database.url) as connection:
            row = connection.execute(
                "SELECT coalesce(sum(score_1 + score_2 + score_3 + score_4 + score_5 + suspect_1"
                " + suspect_2 + suspect_3 + suspect_4 + suspect_5), 0)"
                " FROM rating_hourly"
            ).fetchone()
            assert row is not None
            return int(row[0])


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Kill each link `scale` times, and all at once as often, in an order drawn from `seed`."""
    plan = [*VICTIMS, EVERYTHING] * scale
    random.Random(seed).shuffle(plan)
    with _chain(folder) as chain:
        with _taps(chain) as wait_for:
            wait_for(RATINGS_BETWEEN_KILLS)
            for victim in plan:
                _crash(chain, VICTIMS if victim == EVERYTHING else (victim,), wait_for)
                wait_for(RATINGS_BETWEEN_KILLS)
        eventually(chain.drained, DRAIN_S, what=f"the outbox empty, {plan}")
        stored = chain.stored()
        assert len(stored) == len(set(stored)), f"a rating was stored twice: {plan}"
        assert set(stored) == set(chain.sent), f"a rating was lost or invented: {plan}"
        assert chain.counted() == len(chain.sent), f"the totals miscount: {plan}"
        kills = {f"kills of {name}": f"{plan.count(name)}" for name in dict.fromkeys(plan)}
        return {
            **dict(sorted(kills.items())),
            "ratings sent, stored and counted": f"{len(chain.sent):,}",
            "lost": "0",
            "counted twice": "0",
        }


def _crash(chain: Chain, names: tuple[str, ...], wait_for: Callable[[int], None]) -> None:
    victims: list[Motcua | Broker | PostgresServer] = [getattr(chain, name) for name in names]
    for victim in victims:
        victim.kill()
    if len(victims) > 1:
        wait_for(RATINGS_BETWEEN_KILLS)
    for victim in reversed(victims):
        victim.start()


@contextmanager
def _chain(folder: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        database = stack.enter_context(run_postgres(folder / "pg"))
        with closing(psycopg.connect(database.url, autocommit=True)) as connection:
            migrate(connection)
        broker = stack.enter_context(run_broker(folder / "mqtt"))
        config, store = folder / "edge.toml", folder / "edge.sqlite3"
        config.write_text(
            f'[device]\nunit = "chaos"\ncounter = "quay-1"\ndevice = "edge-1"\n'
            f'[store]\npath = "{store}"\nreserve_mb = 0\n[broker]\nurl = "{broker.url}"\n'
        )
        ingest = stack.enter_context(
            motcua(
                "server", "ingest", "--database-url", database.url, "--broker", broker.url,
                log=folder / "ingest.log",
            )
        )  # fmt: skip
        relay = stack.enter_context(
            motcua("edge", "relay", "--config", str(config), log=folder / "relay.log")
        )
        for process in (ingest, relay):
            eventually(lambda p=process: "broker_connected" in p.output(), 30, what=process.args[1])
        outbox = stack.enter_context(Outbox.open(store, max_rows=1_000_000, reserve_mb=0))
        yield Chain(outbox=outbox, database=database, broker=broker, ingest=ingest, relay=relay)


@contextmanager
def _taps(chain: Chain) -> Iterator[Callable[[int], None]]:
    """Tap steadily while the block runs; yields a function that waits for so many more taps."""
    stop, tapped = threading.Event(), threading.Condition()

    def tap_on() -> None:
        while not stop.wait(PAUSE_S):
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


PROOF = Proof(
    claim=(
        "Relay, ingest, broker and database are killed with SIGKILL, one by one and all at once, "
        "while ratings come: every rating is stored and counted exactly once."
    ),
    sources=(
        "edge/relay/*.py",
        "edge/store/*.py",
        "edge/store/*.sql",
        "server/ingest/*.py",
        "server/ingest/*.sql",
        "server/db/migrations.py",
        "tests/prove/killed_under_load.py",
    ),
    measure=measure,
    small=1,
    full=10,
)
