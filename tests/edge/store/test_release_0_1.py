"""What an earlier release left on the device is found again, and nothing stops the start."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from contract.codec import decode
from contract.identifiers import new_id
from contract.messages import CameraState, Observation, Rating
from edge.store.outbox import Outbox, ProcessName, ProcessStatus

WRITTEN = Path(__file__).with_name("release_0_1.sql").read_text(encoding="utf-8")
AT = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)


def identity(number: int) -> UUID:
    return UUID(f"01a10b2f-1f40-7000-8000-{number:012}")


def rating() -> Rating:
    return Rating(id=new_id(AT), device="edge-1", seq=0, observed_at=AT, schema=1, score=5)


def write_store(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(WRITTEN)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "edge.sqlite3"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    write_store(path)
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        yield outbox


def test_waiting_messages_and_numbers_go_on(outbox: Outbox) -> None:
    first, second = (decode(row.stream, row.payload) for row in outbox.waiting(10))
    assert (type(first), type(second)) == (Rating, Observation)
    assert (first.id, second.id) == (identity(2), identity(3))
    assert outbox.depth() == 2
    assert outbox.append(rating()).seq == 4


def test_ratings_that_were_sent_can_still_be_amended(outbox: Outbox) -> None:
    sent = outbox.rating(identity(1))
    assert sent is not None
    assert sent.score == 2
    assert outbox.append(sent) == sent, "a retry is not stored again"


def test_settings_and_prompts_of_the_server_are_kept(outbox: Outbox) -> None:
    config, prompt = outbox.config(), outbox.pending_prompt(now=AT)
    assert config is not None
    assert (config.version, config.kiosk_language) == (3, "en")
    assert prompt is not None
    assert prompt.id == identity(5)


def test_a_status_with_sentences_is_read_without_them(outbox: Outbox) -> None:
    statuses = outbox.statuses()
    black = ProcessStatus(camera=CameraState.BLACK, fps=9.5)
    assert statuses[ProcessName.WATCH].status == black
    assert statuses[ProcessName.RELAY].status == ProcessStatus(connected=True)


def test_the_schema_is_the_same(path: Path, tmp_path: Path) -> None:
    write_store(path)
    Outbox.open(path, max_rows=1000, reserve_mb=0).close()
    Outbox.open(tmp_path / "fresh.sqlite3", max_rows=1000, reserve_mb=0).close()
    layouts = []
    for file in (path, tmp_path / "fresh.sqlite3"):
        with closing(sqlite3.connect(file)) as database:
            layouts.append(
                [
                    sorted(database.execute("SELECT name, sql FROM sqlite_master").fetchall()),
                    database.execute("PRAGMA user_version").fetchall(),
                ]
            )
    assert layouts[0] == layouts[1]


def test_the_reserve_file_is_taken_over(path: Path) -> None:
    write_store(path)
    path.with_name(f"{path.name}.ballast").write_bytes(b"\0" * 1000)
    Outbox.open(path, max_rows=1000, reserve_mb=0).close()
    assert path.with_name(f"{path.name}.reserve").stat().st_size == 1000
    assert not path.with_name(f"{path.name}.ballast").exists()


def test_a_damaged_file_whose_rows_were_not_copied_yet_is_recovered(path: Path) -> None:
    write_store(path)
    path.rename(path.with_name(f"{path.name}.salvaging-20261005T083000000000"))
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        assert [row.id for row in outbox.waiting(10)] == [identity(2), identity(3)]
    (kept,) = path.parent.glob("*damaged*")
    assert kept.name == f"{path.name}.damaged-20261005T083000000000"
