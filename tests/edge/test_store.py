"""The store's file when the system fails it: every failure is the unit's own error."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from contract.identifiers import new_id
from contract.messages import Rating
from edge import opening, store
from edge.errors import OutboxFull, StoreBusy, StoreUnusable
from edge.outbox import Component, Outbox, Status


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
            lambda: outbox.report(Component.KIOSK, Status()),
        ):
            with pytest.raises(StoreUnusable, match=r"Input/output error.*check"):
                work()


def test_a_file_that_could_not_be_opened_again_is_opened_at_the_next_call(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: Path) -> None:
        raise StoreBusy("another process salvages it")

    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        outbox._make_room(frees=False)  # moves everything from the log into the file
        content = path.read_bytes()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (len(content) - 4096))
        outbox._connection.execute("PRAGMA shrink_memory")
        with monkeypatch.context() as patch:
            patch.setattr(store, "open_store", busy)
            for _ in range(2):
                with pytest.raises(StoreBusy):
                    outbox.report(Component.KIOSK, Status())
        outbox.report(Component.KIOSK, Status())
        assert Component.KIOSK in outbox.statuses()


def test_a_damaged_file_that_cannot_be_set_aside_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"no database" * 1000)
    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StoreUnusable, match=r"Input/output error.*check"):
        Outbox.open(path, max_rows=1000, reserve_mb=0)


@pytest.mark.parametrize("place", [opening, store])
def test_ballast_that_cannot_be_measured_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch, place: object
) -> None:
    monkeypatch.setattr(opening, "lay_ballast", fail if place is opening else lambda _: None)
    monkeypatch.setattr(store, "lay_ballast", fail)
    with pytest.raises(StoreUnusable, match=r"Input/output error.*check"):  # noqa: SIM117
        with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
            outbox.write(lambda: None, frees=True)


class PowerCut(BaseException):
    """Ends whatever was going on."""


@pytest.mark.parametrize("end", [PowerCut(), OutboxFull("the disk is full")])
def test_what_could_not_be_salvaged_at_once_is_salvaged_at_a_later_start(
    path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    def interrupted(*_: object) -> int:
        raise end

    stored = damage(path)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "salvage", interrupted)
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
    assert list(path.parent.glob("*.salvaging-*")) == []


def rating() -> Rating:
    now = datetime.now(UTC)
    return Rating(id=new_id(now), device="edge-1", seq=0, observed_at=now, schema=1, score=5)


def damage(path: Path) -> set[UUID]:
    """Fill the store, damage a page that holds no message, and return what is in it."""
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        stored = {outbox.append(rating()).id for _ in range(20)}
        ((page,),) = outbox._connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'config'"
        ).fetchall()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)
    return stored
