"""Recovers a damaged store: moves it aside and copies what can still be read into a fresh one."""

from __future__ import annotations

import glob
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import structlog

from contract.codec import decode
from contract.errors import ContractError
from contract.messages import Ack
from contract.topics import Stream
from edge.store.sqlite import store_statements, transaction

_KEPT_DAMAGED_FILES = 3
_SUFFIXES = ("-wal", "-shm", "")
_RECOVERING, _DAMAGED = "recovering", "damaged"
_RECOVERING_IN_0_1 = "salvaging"

log = structlog.get_logger()


def move_aside(path: Path) -> None:
    """Rename the store at `path`, with its log, until its rows are recovered."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    _move(path, path.with_name(f"{path.name}.{_RECOVERING}-{stamp}"))


def unrecovered_files(path: Path) -> list[Path]:
    """Return the files moved aside, oldest first: more than one after a power cut in between."""
    return _beside(path, _RECOVERING_IN_0_1) + _beside(path, _RECOVERING)


def keep_damaged(path: Path, recovered: Path) -> Path:
    """Rename a recovered file for support, delete the oldest such files; return its new path."""
    stamp = recovered.name.rpartition("-")[2]
    kept = path.with_name(f"{path.name}.{_DAMAGED}-{stamp}")
    _move(recovered, kept)
    for old in _beside(path, _DAMAGED)[:-_KEPT_DAMAGED_FILES]:
        for suffix in _SUFFIXES:
            old.with_name(old.name + suffix).unlink(missing_ok=True)
    return kept


def start_above_used_numbers(fresh: sqlite3.Connection) -> None:
    """Continue with numbers that no row still to be recovered can have."""
    with transaction(fresh):
        fresh.execute(store_statements()["raise_seq"], (_above_any_number(),))


def recover_rows(damaged_file: Path, fresh: sqlite3.Connection) -> int:
    """Copy every row that can still be read into `fresh`; return how many."""
    sql = store_statements()
    rows: dict[int, tuple[int, bytes, str, bytes]] = {}
    last_seq = _above_any_number()
    with closing(sqlite3.connect(damaged_file, isolation_level=None)) as damaged:
        for name in ("all_rows", "all_rows_backwards"):
            try:
                for row in damaged.execute(sql[name]):
                    if _is_whole(row):
                        rows[row[0]] = row
            except sqlite3.Error as error:
                log.debug("recovery_stopped", error=str(error))
        try:
            (last_seq,) = damaged.execute(sql["last_seq"]).fetchone()
        except (sqlite3.Error, TypeError) as error:
            log.debug("recovery_without_last_seq", error=str(error))
    with transaction(fresh):
        fresh.executemany(sql["recover_row"], [rows[seq] for seq in sorted(rows)])
        fresh.execute(sql["raise_seq"], (max(last_seq, *rows, 0),))
        fresh.execute(sql["count_again"])
    return len(rows)


def _above_any_number() -> int:
    """Return the time in milliseconds: numbers are counted one by one and stay below."""
    return int(datetime.now(UTC).timestamp() * 1000)


def _beside(path: Path, state: str) -> list[Path]:
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.{state}-*[0-9]"))


def _move(source: Path, target: Path) -> None:
    # The write-ahead log first: without its main file it is never replayed into a fresh one.
    for suffix in _SUFFIXES:
        part = source.with_name(source.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))


def _is_whole(row: tuple[int, bytes, str, bytes]) -> bool:
    _, identity, stream, payload = row
    try:
        message = decode(Stream(stream), payload)
    except (ContractError, ValueError, TypeError):
        return False
    return not isinstance(message, Ack) and message.id.bytes == identity
