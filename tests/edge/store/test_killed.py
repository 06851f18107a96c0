"""A rating while the power goes: the process is killed between every two statements of a commit."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from contract.identifiers import new_id
from edge.kiosk.app import make_presentation
from edge.kiosk.ratings import Tap
from edge.sections import KioskSettings
from edge.store.outbox import Outbox

AT = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
BEFORE, NOW = (new_id(AT + timedelta(seconds=second)) for second in (0, 60))
NEVER = 10_000
FORK = multiprocessing.get_context("fork")


def rate_until(path: Path, statement: int, told: Connection) -> None:
    """Store two ratings; be killed before this statement of the second one."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remember(*arguments: object, **options: object) -> sqlite3.Connection:
        opened.append(connect(*arguments, **options))  # type: ignore[call-overload]
        return opened[-1]

    sqlite3.connect = remember  # type: ignore[assignment]
    count = 0

    def run_down(_: str) -> None:
        nonlocal count
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        kiosk = make_presentation(outbox, device="edge-1", settings=KioskSettings())
        kiosk.ratings.rate(Tap(id=BEFORE, score=4), now=AT)
        opened[0].set_trace_callback(run_down)
        kiosk.ratings.rate(Tap(id=NOW, score=5), now=AT + timedelta(seconds=60))
        opened[0].set_trace_callback(None)
        told.send(count)  # only who was not killed says that it is stored
    os._exit(0)


def killed_at(path: Path, statement: int) -> tuple[int, int | None]:
    """Return how the process ended, and what it told before."""
    ours, theirs = FORK.Pipe()
    child = FORK.Process(target=rate_until, args=(path, statement, theirs))
    child.start()
    theirs.close()
    child.join(30)
    try:
        told = ours.recv()
    except EOFError:
        told = None
    assert child.exitcode is not None
    return child.exitcode, told


@pytest.mark.skipif(os.name != "posix", reason="processes are forked and killed")
def test_no_rating_is_lost_or_counted_twice_wherever_the_process_is_killed(tmp_path: Path) -> None:
    ended, statements = killed_at(tmp_path / "whole" / "edge.sqlite3", NEVER)
    assert ended == 0
    assert statements is not None
    assert statements > 3
    kept = []
    for statement in range(statements):
        path = tmp_path / str(statement) / "edge.sqlite3"
        assert killed_at(path, statement) == (-signal.SIGKILL, None)
        with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
            assert outbox.rating(BEFORE) is not None  # it was told as stored
            kept.append(outbox.rating(NOW) is not None)
            again = make_presentation(outbox, device="edge-1", settings=KioskSettings())
            again.ratings.rate(Tap(id=NOW, score=5), now=AT + timedelta(seconds=70))  # tried again
            stored = [row.id for row in outbox.waiting(100) if row.id in {BEFORE, NOW}]
            assert sorted(stored) == [BEFORE, NOW]
    assert kept == sorted(kept)  # nothing of it until a commit, and all of it from then on
