"""The outbox: order, durability, its two limits, and what a damaged file leads to."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.codec import decode
from contract.identifiers import new_id
from contract.messages import Command, CommandName, Config, Observation, Rating
from contract.problems import ProblemCode, report
from contract.topics import STREAMS, Direction, Stream
from edge.errors import OutboxFull, StoreBusy, StoreUnusable
from edge.store.outbox import Outbox, ProcessName, ProcessStatus

AT = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
BLACK = (report(ProblemCode.CAMERA_BLACK),)


def rating(score: int = 5, at: datetime = AT) -> Rating:
    return Rating(id=new_id(at), device="edge-1", seq=0, observed_at=at, schema=1, score=score)


def observation(at: datetime = AT) -> Observation:
    return Observation(
        id=new_id(at),
        device="edge-1",
        seq=0,
        observed_at=at,
        schema=1,
        window_s=5,
        frames=50,
        fps=9.9,
    )


GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
UPSTREAM = [
    (stream, file)
    for stream, spec in STREAMS.items()
    if spec.direction is Direction.UP
    for file in sorted(GOLDEN.glob(f"{stream}[.-]*.json"))
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "edge.sqlite3"


@pytest.fixture
def outbox(path: Path, connections: list[sqlite3.Connection]) -> Iterator[Outbox]:
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        yield outbox


def test_appended_messages_wait_in_order_under_rising_numbers(outbox: Outbox) -> None:
    sent = [outbox.append(message) for message in (observation(), rating(), observation())]
    rows = outbox.waiting(10)
    assert [message.seq for message in sent] == [1, 2, 3] == [row.seq for row in rows]
    assert [decode(row.stream, row.payload) for row in rows] == sent
    assert [row.seq for row in outbox.waiting(1, after_seq=1)] == [2]
    assert outbox.depth() == 3


def test_number_is_never_reused_after_everything_was_deleted(path: Path) -> None:
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        assert outbox.delete([outbox.append(rating()).id, outbox.append(rating()).id]) == 2
        assert outbox.depth() == 0
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        assert outbox.append(rating()).seq == 3


def test_deleting_what_is_not_there_changes_nothing(outbox: Outbox) -> None:
    kept = outbox.append(rating())
    assert outbox.delete([new_id(AT)]) == 0
    assert outbox.delete([]) == 0
    assert [row.id for row in outbox.waiting(10)] == [kept.id]
    assert outbox.depth() == 1


def test_repeated_rating_is_stored_once_even_after_it_was_sent(outbox: Outbox) -> None:
    first = outbox.append(rating(score=2))
    later = msgspec.structs.replace(first, seq=0, observed_at=AT + timedelta(seconds=3), score=5)
    assert outbox.append(later) == first
    outbox.delete([first.id])
    assert outbox.append(later) == first
    assert outbox.depth() == 0
    assert outbox.rating(first.id) == first


def test_repeated_observation_is_stored_once_while_it_waits(outbox: Outbox) -> None:
    first = outbox.append(observation())
    assert outbox.append(msgspec.structs.replace(first, seq=0)) == first
    assert outbox.depth() == 1


def test_only_the_latest_ratings_are_remembered(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.store.outbox.KEPT_RATINGS", 3)
    sent = [outbox.append(rating()) for _ in range(5)]
    remembered = [outbox.rating(message.id) for message in sent]
    assert remembered == [None, None, *sent[2:]]


def test_oldest_is_when_the_first_waiting_message_was_observed(outbox: Outbox) -> None:
    assert outbox.oldest() is None
    outbox.append(rating(at=AT - timedelta(hours=2)))
    outbox.append(rating(at=AT))
    assert outbox.oldest() == AT - timedelta(hours=2)


def test_row_limit_refuses_observations_and_keeps_room_for_ratings(path: Path) -> None:
    with Outbox.open(path, max_rows=10, reserve_mb=0) as outbox:
        for _ in range(9):
            outbox.append(observation())
        with pytest.raises(OutboxFull, match="max_rows is 10"):
            outbox.append(observation())
        for _ in range(5):
            outbox.append(rating())
        assert outbox.depth() == 14
        outbox.delete(row.id for row in outbox.waiting(6))
        outbox.append(observation())


def test_disk_reserve_refuses_observations_and_lets_ratings_in(path: Path) -> None:
    more_than_is_free_mb = shutil.disk_usage(path.parent).free // 1_000_000 + 1000
    with Outbox.open(path, max_rows=1000, reserve_mb=more_than_is_free_mb) as outbox:
        with pytest.raises(OutboxFull, match="reserve_mb"):
            outbox.append(observation())
        assert outbox.append(rating()).seq == 1


def test_full_disk_is_said_and_nothing_half_stored(
    outbox: Outbox, connections: list[sqlite3.Connection]
) -> None:
    (connection,) = connections
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    stored: list[Rating] = []
    with pytest.raises(OutboxFull, match="the disk is full"):
        stored.extend(outbox.append(rating()) for _ in range(1000))
    assert outbox.depth() == len(stored) == len(outbox.waiting(1000))
    outbox.delete(message.id for message in stored)
    connection.execute("PRAGMA max_page_count = 1000000")
    assert outbox.append(rating()).seq == len(stored) + 1


def test_locked_file_is_said(
    outbox: Outbox, path: Path, connections: list[sqlite3.Connection]
) -> None:
    connections[0].execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="locked") as caught:
            outbox.append(rating())
    assert caught.value.problem.code == ProblemCode.STORE_LOCKED
    assert caught.value.problem.parameters["path"] == str(path)
    assert outbox.append(rating()).seq == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.mkdir(), id="a folder"),
        pytest.param(lambda path: path.parent.joinpath("edge.sqlite3.lock").mkdir(), id="no lock"),
    ],
)
def test_store_that_cannot_be_made_is_said(path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(path)
    with pytest.raises(StoreUnusable, match=r"\[store\] path"):
        Outbox.open(path, max_rows=1000, reserve_mb=0)


def test_store_of_a_newer_release_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnusable, match="newer release"):
        Outbox.open(path, max_rows=1000, reserve_mb=0)
    assert not list(path.parent.glob("*damaged*"))


def fill(path: Path, count: int) -> list[Rating]:
    with Outbox.open(path, max_rows=100_000, reserve_mb=0) as outbox:
        return [outbox.append(rating()) for _ in range(count)]


def test_file_that_is_no_database_is_moved_aside(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 500)
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        stored = outbox.append(rating())
        assert stored.seq > AT.timestamp(), "numbers that may have been used are not used again"
    (aside,) = path.parent.glob("*damaged*")
    assert aside.read_bytes().startswith(b"not a database")


def test_readable_rows_of_a_damaged_file_are_carried_over(path: Path) -> None:
    stored = fill(path, 300)
    content = bytearray(path.read_bytes())
    page = 4096
    middle = len(content) // 2 // page * page
    content[middle : middle + page] = b"\xa5" * page
    path.write_bytes(content)
    with Outbox.open(path, max_rows=1000, reserve_mb=0) as outbox:
        rows = outbox.waiting(1000)
        assert 200 < len(rows) == outbox.depth()
        assert {row.seq for row in rows} <= {message.seq for message in stored}
        assert outbox.append(rating()).seq > stored[-1].seq


def test_damage_while_running_is_survived_by_every_process(
    path: Path, connections: list[sqlite3.Connection]
) -> None:
    fill(path, 300)
    with (
        Outbox.open(path, max_rows=1000, reserve_mb=0) as one,
        Outbox.open(path, max_rows=1000, reserve_mb=0) as other,
    ):
        version = other.version()
        content = path.read_bytes()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (len(content) - 4096))
        connections[-2].execute("PRAGMA shrink_memory")
        first, second = one.append(rating()), other.append(rating())
        assert other.version() != version
        assert [row.id for row in one.waiting(1000)] == [row.id for row in other.waiting(1000)]
        assert {first.id, second.id} <= {row.id for row in one.waiting(1000)}
    assert len(list(path.parent.glob("*damaged*[0-9]"))) == 1


def _append_many(
    path: Path, count: int, ids: multiprocessing.Queue[list[tuple[int, bytes]]]
) -> None:
    with Outbox.open(path, max_rows=100_000, reserve_mb=0) as outbox:
        sent = [outbox.append(rating()) for _ in range(count)]
    ids.put([(message.seq, message.id.bytes) for message in sent])


def test_processes_appending_at_once_share_one_sequence(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    counts = (40, 60, 25)
    processes = [context.Process(target=_append_many, args=(path, n, queue)) for n in counts]
    for process in processes:
        process.start()
    written = [pair for _ in processes for pair in queue.get(timeout=60)]
    for process in processes:
        process.join(30)
    with Outbox.open(path, max_rows=100_000, reserve_mb=0) as outbox:
        rows = [(row.seq, row.id.bytes) for row in outbox.waiting(1000)]
    assert rows == sorted(written)
    assert [seq for seq, _ in rows] == list(range(1, sum(counts) + 1))


def test_threads_of_one_process_share_one_outbox(outbox: Outbox) -> None:
    threads = [
        threading.Thread(target=lambda: [outbox.append(rating()) for _ in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.seq for row in outbox.waiting(100)] == list(range(1, 81))


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.one_of(st.just("append"), st.integers(0, 20), st.just("reopen"))))
def test_outbox_holds_what_was_appended_and_not_deleted(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str | int]
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "edge.sqlite3"
    outbox = Outbox.open(path, max_rows=1000, reserve_mb=0)
    expected: dict[UUID, int] = {}
    last_seq = 0
    for step in steps:
        if step == "append":
            message = outbox.append(rating())
            assert message.seq > last_seq
            last_seq = expected[message.id] = message.seq
        elif step == "reopen":
            outbox.close()
            outbox = Outbox.open(path, max_rows=1000, reserve_mb=0)
        elif isinstance(step, int) and step < len(expected):
            identity = list(expected)[step]
            assert outbox.delete([identity]) == 1
            del expected[identity]
        assert {row.id: row.seq for row in outbox.waiting(1000)} == expected
        assert outbox.depth() == len(expected)
    outbox.close()


def test_version_changes_when_another_process_writes(outbox: Outbox, path: Path) -> None:
    before = outbox.version()
    assert outbox.version() == before
    fill(path, 1)
    assert outbox.version() != before


def test_latest_status_of_each_process_is_kept(outbox: Outbox) -> None:
    outbox.put_status(ProcessName.WATCH, ProcessStatus(fps=3.0))
    outbox.put_status(ProcessName.WATCH, ProcessStatus(fps=9.5, problem_reports=BLACK))
    outbox.put_status(ProcessName.KIOSK, ProcessStatus())
    statuses = outbox.statuses()
    assert statuses[ProcessName.WATCH].status == ProcessStatus(fps=9.5, problem_reports=BLACK)
    assert set(statuses) == {ProcessName.WATCH, ProcessName.KIOSK}
    assert 0 <= (statuses[ProcessName.KIOSK].age_s or 0) < 60


def test_status_of_an_earlier_boot_has_no_age(
    outbox: Outbox, connections: list[sqlite3.Connection]
) -> None:
    outbox.put_status(ProcessName.WATCH, ProcessStatus(fps=3.0))
    connections[0].execute("UPDATE status SET monotonic_s = monotonic_s + 1e6")
    assert outbox.statuses()[ProcessName.WATCH].age_s is None


def config(version: int, reset_s: float) -> Config:
    return Config(
        id=new_id(AT), device="edge-1", seq=0, observed_at=AT, schema=1, version=version,
        kiosk_reset_s=reset_s,
    )  # fmt: skip


def test_only_a_newer_config_replaces_the_stored_one(outbox: Outbox) -> None:
    assert outbox.config() is None
    assert outbox.put_config(config(2, 20))
    assert not outbox.put_config(config(2, 99))
    assert not outbox.put_config(config(1, 99))
    assert outbox.put_config(config(3, 40))
    assert outbox.config() is not None
    assert (outbox.config() or config(9, 9)).kiosk_reset_s == 40


def prompt(expires_in_s: float) -> Command:
    return Command(
        id=new_id(AT), device="edge-1", seq=0, observed_at=AT, schema=1,
        name=CommandName.SHOW_PROMPT, expires_at=AT + timedelta(seconds=expires_in_s),
    )  # fmt: skip


def test_prompt_is_pending_until_it_is_fulfilled_or_expired(outbox: Outbox) -> None:
    command = prompt(expires_in_s=60)
    assert outbox.put_command(command, now=AT)
    assert outbox.pending_prompt(now=AT + timedelta(seconds=59)) == command
    assert outbox.pending_prompt(now=AT + timedelta(seconds=60)) is None
    outbox.finish_prompts()
    assert outbox.pending_prompt(now=AT) is None


def test_repeated_or_expired_commands_are_ignored(outbox: Outbox) -> None:
    command = prompt(expires_in_s=60)
    assert outbox.put_command(command, now=AT)
    outbox.finish_prompts()
    assert not outbox.put_command(command, now=AT)
    assert outbox.pending_prompt(now=AT) is None
    assert not outbox.put_command(prompt(expires_in_s=-1), now=AT)


def test_there_is_an_example_of_every_upstream_message() -> None:
    streams = {stream for stream, spec in STREAMS.items() if spec.direction is Direction.UP}
    assert {stream for stream, _ in UPSTREAM} == streams


@pytest.mark.parametrize(("stream", "file"), UPSTREAM, ids=[file.stem for _, file in UPSTREAM])
def test_any_upstream_message_waits_and_goes(outbox: Outbox, stream: Stream, file: Path) -> None:
    stored = outbox.append(decode(stream, file.read_bytes()))
    (row,) = outbox.waiting(10)
    assert (row.stream, decode(row.stream, row.payload)) == (stream, stored)
    assert outbox.oldest() == stored.observed_at
    assert outbox.delete([stored.id]) == 1
