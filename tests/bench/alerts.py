"""What a judgement costs at 600 counters, and how soon after a commit an alert stands there.

A real PostgreSQL with a province of 600 counters that all send. Judgements are timed alone, so is
the look for late data; then the product's watch runs as the worker runs it, devices report a
covered camera that a rule without delay looks for, and the time from each commit until the alert's
row stands there is taken.
Run `python -m tests.bench.alerts`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg

from motcua.local.postgres import run_postgres
from server.alerts.contradictions import MOST, check_late
from server.alerts.evaluation import evaluate
from server.alerts.library import shipped
from server.alerts.rule_store import change_rule
from server.alerts.settings import AlertSettings
from server.alerts.watch import Watch
from server.db.migrations import migrate
from server.db.pool import Database, PoolSettings
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.jobs import create_app
from tests.bench.fanout import PLACES, add_units
from tests.server import asking, build

JUDGEMENTS = 30
ALERTS = 20
"""Commits whose alert is waited for."""

SOON_S = 2.0


def fill(database_url: str, now: datetime) -> None:
    """Store what every counter sends: windows, services of the last hours, and a heartbeat."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for place in PLACES:
            services = [
                build.visit(now - timedelta(minutes=6 * n + 1), 300.0, address=place)
                for n in range(10)
            ]
            health = build.health(now, address=place, camera="ok", outbox_depth=3)
            seen = build.observation(now, 2, address=place)
            messages = [*services, health, seen]
            write(connection, Batch(accepted=[build.accepted(each, place) for each in messages]))


def print_costs(took_ms: list[float], judgements: int) -> None:
    """Print what judgements cost."""
    print(f"{len(PLACES)} counters, {judgements} judgements")
    print(f"first judgement   {took_ms[0]:8.0f} ms")
    print(f"median            {statistics.median(took_ms):8.0f} ms")
    print(f"worst of the rest {max(took_ms[1:]):8.0f} ms", flush=True)


def print_delays(took_s: list[float]) -> None:
    """Print how soon alerts stood there."""
    late = sum(each > SOON_S for each in took_s)
    print(f"{len(took_s)} alerts, from a device's commit to the alert's row")
    print(f"median            {statistics.median(took_s):8.2f} s")
    print(f"95 % within       {sorted(took_s)[round(0.95 * (len(took_s) - 1))]:8.2f} s")
    print(f"worst             {max(took_s):8.2f} s, {late} later than {SOON_S:g} s")


def delays_s(url: str, count: int) -> list[float]:
    """Run the product's watch, and return the seconds from commits until their alerts stand."""
    rule = replace(
        shipped()["camera_hidden"], hold_s=0, only_open=False, group_share=None, version=2
    )
    changed = partial(change_rule, rule=rule, by="bench", reason="at once", now=datetime.now(UTC))
    asking.ask(url, changed)

    async def measure() -> list[float]:
        app, database = create_app(url), Database(url, PoolSettings())
        await database.open()
        watch = Watch(app, database, url, (), AlertSettings())
        async with app.open_async():
            watching = asyncio.create_task(watch.run())
            try:
                return await asyncio.to_thread(_time_alerts, url, count)
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                await database.close()

    return asyncio.run(measure())


def _time_alerts(url: str, count: int) -> list[float]:
    """Cover the camera of one unit after the other, meanwhile everybody else goes on sending."""
    units = list(dict.fromkeys(place.unit for place in PLACES))
    took_s: list[float] = []
    rng = random.Random(1)
    with psycopg.connect(url, autocommit=True) as connection:
        time.sleep(3)  # the watch's first judgement
        for number in range(count):
            address = next(each for each in PLACES if each.unit == units[number % len(units)])
            others = rng.sample(PLACES, 60)
            now = datetime.now(UTC)
            live = [build.accepted(build.observation(now, 1, address=a), a) for a in others]
            covered = build.health(now, address=address, camera="covered")
            write(connection, Batch(accepted=[*live, build.accepted(covered, address)]))
            committed_s = time.monotonic()
            raised = "SELECT FROM alert WHERE rule = 'camera_hidden' AND unit = %s"
            while connection.execute(raised, [address.unit]).fetchone() is None:
                time.sleep(0.01)
                assert time.monotonic() < committed_s + 60, "no alert within a minute"
            took_s.append(time.monotonic() - committed_s)
            time.sleep(rng.uniform(0.0, 1.5))
    return took_s


def check_late_data(url: str, now: datetime) -> None:
    """Print what it costs to look for late data of as many alerts as are looked at at a time."""
    units = list(dict.fromkeys(place.unit for place in PLACES))
    raised = [now - timedelta(minutes=number) for number in range(10, 10 + MOST * 3, 3)]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.cursor().executemany(
            "INSERT INTO alert (rule, rule_version, unit, severity, state, raised_at, changed_at,"
            " resolved_at) VALUES ('nobody_served', 1, %s, 'critical', 'resolved', %s, %s, %s)",
            [(units[each % len(units)], at, now, now) for each, at in enumerate(raised)],
        )
        for place in PLACES:
            minutes = [now - timedelta(minutes=each) for each in range(60)]
            seen = [build.observation(each, 2, address=place) for each in minutes]
            write(connection, Batch(accepted=[build.accepted(each, place) for each in seen]))
        for late in (False, True):
            came = "now() + INTERVAL '1 h'" if late else "observed_at"
            for table in ("observation", "visit", "health"):
                connection.execute(f"UPDATE {table} SET received_at = {came}")
            began_s = time.monotonic()
            checks = asking.ask(url, partial(check_late, now=now))
            took_ms = 1000 * (time.monotonic() - began_s)
            print(f"{MOST} alerts, {len(checks)} judged again: {took_ms:.0f} ms", flush=True)


def main() -> None:
    """Print milliseconds a judgement, and what it is made of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judgements", type=int, default=JUDGEMENTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        Path(folder).chmod(0o711)
        with run_postgres(Path(folder) / "pg") as server:
            with closing(psycopg.connect(server.url, autocommit=True)) as connection:
                migrate(connection)
                add_units(connection)
            now = datetime.now(UTC)
            fill(server.url, now)
            took_ms: list[float] = []
            for number in range(arguments.judgements):
                began_s = time.monotonic()
                at = now + timedelta(seconds=number / 10)
                asking.ask(server.url, partial(evaluate, channels=(), now=at))
                took_ms.append(1000 * (time.monotonic() - began_s))
            print_costs(took_ms, arguments.judgements)
            check_late_data(server.url, now)
            print_delays(delays_s(server.url, ALERTS))


if __name__ == "__main__":
    main()
