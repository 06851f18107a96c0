"""The store's file when the system fails it: every failure is the unit's own error."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from contract.identifiers import new_id
from contract.messages import Rating
from contract.problems import other
from edge.errors import OutboxFull, StoreBusy, StoreUnusable
from edge.store import connection, database
from edge.store.outbox import Outbox, ProcessName, ProcessStatus


def fail(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "edge.sqlite3"


def test_a_card_that_cannot_be_read_any_more_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        monkeypatch.setattr(Path, "stat", fail)
        for work in (
            outbox.version,
            outbox.depth,
            lambda: outbox.put_status(ProcessName.KIOSK, ProcessStatus()),
        ):
            with pytest.raises(StoreUnusable, match=r"Input/output error.*check"):
                work()


def test_a_file_that_could_not_be_opened_again_is_opened_at_the_next_call(
    path: Path, monkeypatch: pytest.MonkeyPatch, connections: list[sqlite3.Connection]
) -> None:
    def busy(_: Path) -> None:
        raise StoreBusy(other("another process recovers it"))

    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        connections[0].execute("PRAGMA wal_checkpoint(RESTART)")  # from the log into the file
        content = path.read_bytes()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (len(content) - 4096))
        connections[0].execute("PRAGMA shrink_memory")
        with monkeypatch.context() as patch:
            patch.setattr(connection, "open_database", busy)
            for _ in range(2):
                with pytest.raises(StoreBusy):
                    outbox.put_status(ProcessName.KIOSK, ProcessStatus())
        outbox.put_status(ProcessName.KIOSK, ProcessStatus())
        assert ProcessName.KIOSK in outbox.statuses()


def test_a_damaged_file_that_cannot_be_set_aside_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"no database" * 1000)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StoreUnusable, match=r"Input/output error.*check"):
        Outbox.open(path, max_rows=1000, reserve_mb=0)


@pytest.mark.parametrize("place", [database, connection])
def test_a_reserve_file_that_cannot_be_measured_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch, place: object
) -> None:
    monkeypatch.setattr(
        database, "create_reserve_file", fail if place is database else lambda _: None
    )
    monkeypatch.setattr(connection, "create_reserve_file", fail)
    with pytest.raises(StoreUnusable, match=r"Input/output error.*check"):  # noqa: SIM117
        with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
            outbox.write(lambda: None, frees=True)


class PowerCut(BaseException):
    """Ends whatever was going on."""


@pytest.mark.parametrize("end", [PowerCut(), OutboxFull(other("the disk is full"))])
def test_what_could_not_be_recovered_at_once_is_recovered_at_a_later_start(
    path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    def interrupted(*_: object) -> int:
        raise end

    stored = damage(path)
    with monkeypatch.context() as patch:
        patch.setattr(database, "recover_rows", interrupted)
        if isinstance(end, OutboxFull):
            with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
                stored.add(outbox.append(rating()).id)
        else:
            with pytest.raises(PowerCut):
                Outbox.open(path, max_rows=1000, reserve_mb=0)
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        assert {row.id for row in outbox.waiting(1000)} == stored
        assert outbox.depth() == len(stored)
    assert len(list(path.parent.glob("*.damaged-*[0-9]"))) == 1
    assert list(path.parent.glob("*.recovering-*")) == []


def rating() -> Rating:
    now = datetime.now(UTC)
    return Rating(id=new_id(now), device="edge-1", seq=0, observed_at=now, schema=1, score=5)


def damage(path: Path) -> set[UUID]:
    """Fill the store, damage a page that holds no message, and return what is in it."""
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        stored = {outbox.append(rating()).id for _ in range(20)}
    with closing(sqlite3.connect(path)) as database:
        ((page,),) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'config'"
        ).fetchall()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    return stored
