"""`motcua server worker` on a real PostgreSQL: it does its jobs, bears outages, and stops."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import psutil
import psycopg
import pytest

from motcua.local.postgres import PostgresServer, run_postgres
from server.db.migrations import migrate
from tests.processes import Motcua, motcua
from tests.waiting import eventually

pytestmark = pytest.mark.integration

STOPS_WITHIN_S = 5.0
JOB = "quarantine.purge_replayed"


@pytest.fixture
def server(open_tmp_path) -> Iterator[PostgresServer]:
    """A database that the test may stop and freeze."""
    with run_postgres(open_tmp_path / "pg") as server:
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            migrate(connection)
        yield server


@contextmanager
def working(url: str, tmp_path) -> Iterator[Motcua]:
    with motcua(
        "server", "worker", "--database-url", url, log=tmp_path / f"{uuid4()}.log"
    ) as process:
        eventually(lambda: "worker_ready" in process.output(), 60, what="the worker")
        yield process


def defer(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
            " VALUES ('default', %s, '{\"timestamp\": 0}')",
            [JOB],
        )


def events(process: Motcua) -> list[str]:
    whole, _, _ = process.output().rpartition("\n")  # the last line may be half written
    return [json.loads(line)["event"] for line in whole.splitlines()]


NIGHTLY = {
    "quarantine_purged",
    "audit_purged",
    "batch_answers_purged",
    "rank_sets_computed",
    "norms_renewed",
}
"""What nightly jobs say when they were missed."""


def purges(process: Motcua) -> int:
    return events(process).count("quarantine_purged")


def assert_stops(process: Motcua, number: signal.Signals = signal.SIGTERM) -> None:
    began_s = time.monotonic()
    os.kill(process.pid, number)
    eventually(lambda: not process.running, what="the end")
    assert process.exit_code == 0, process.output()
    assert time.monotonic() - began_s < STOPS_WITHIN_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_does_a_job_at_once_and_stops_cleanly(database_url, tmp_path, number):
    with working(database_url, tmp_path) as process:
        before = purges(process)
        defer(database_url)
        eventually(lambda: purges(process) > before, what="the job")
        assert_stops(process, number)
        assert set(events(process)) - NIGHTLY == {"worker_ready"}


def test_nightly_job_that_nobody_did_is_made_up_for_once(database_url, tmp_path):
    with working(database_url, tmp_path) as process:
        eventually(lambda: purges(process), what="the nightly job")
    with working(database_url, tmp_path) as process:
        defer(database_url)
        eventually(lambda: purges(process), what="the job")
        assert_stops(process)
        assert purges(process) == 1


def test_unknown_job_fails_and_the_worker_goes_on(database_url, tmp_path):
    with working(database_url, tmp_path) as process:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('default', 'none')"
            )
        eventually(lambda: "job_error" in events(process), what="the failure")
        before = purges(process)
        defer(database_url)
        eventually(lambda: purges(process) > before, what="the next job")


def test_database_that_goes_away_is_told_once_and_work_goes_on_when_it_is_back(server, tmp_path):
    with working(server.url, tmp_path) as process:
        server.stop()
        eventually(lambda: "database_away" in process.output(), 60, what="the outage")
        server.start()
        eventually(lambda: "database_back" in process.output(), 60, what="the return")
        before = purges(process)
        defer(server.url)
        eventually(lambda: purges(process) > before, what="the job")
        assert_stops(process)
        assert events(process).count("database_away") == 1
        told = set(events(process))
        assert told - NIGHTLY == {"worker_ready", "database_away", "database_back"}


def test_worker_stops_while_the_database_is_away(server, tmp_path):
    with working(server.url, tmp_path) as process:
        server.stop()
        try:
            eventually(lambda: "database_away" in process.output(), 60, what="the outage")
            assert_stops(process)
        finally:
            server.start()


def test_frozen_database_does_not_keep_the_worker_from_stopping(server, tmp_path):
    processes = [server.pid]
    with working(server.url, tmp_path) as process:
        processes += [child.pid for child in psutil.Process(server.pid).children()]
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        try:
            assert_stops(process)
        finally:
            for pid in processes:
                os.kill(pid, signal.SIGCONT)
