"""A damaged store: set aside, and what can still be read carried over into a fresh one."""

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
from edge.sql import queries, transaction

_KEPT_DAMAGED_FILES = 3
_SUFFIXES = ("-wal", "-shm", "")

log = structlog.get_logger()


def set_aside(path: Path) -> None:
    """Move the store at `path` away, with its log, until its rows are salvaged."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    _move(path, path.with_name(f"{path.name}.salvaging-{stamp}"))


def unsalvaged(path: Path) -> list[Path]:
    """Return the files set aside, oldest first: more than one after a power cut in between."""
    return _beside(path, "salvaging")


def keep_damaged(path: Path, aside: Path) -> Path:
    """Move a salvaged file to where support finds it, drop the oldest; return where it is now."""
    kept = path.with_name(aside.name.replace(".salvaging-", ".damaged-"))
    _move(aside, kept)
    for old in _beside(path, "damaged")[:-_KEPT_DAMAGED_FILES]:
        for suffix in _SUFFIXES:
            old.with_name(old.name + suffix).unlink(missing_ok=True)
    return kept


def number_from_now(fresh: sqlite3.Connection) -> None:
    """Go on with numbers that no row still to be salvaged can have."""
    with transaction(fresh):
        fresh.execute(queries()["raise_seq"], (_above_any_number(),))


def salvage(aside: Path, fresh: sqlite3.Connection) -> int:
    """Carry over every row that can still be read; return how many."""
    sql = queries()
    rows: dict[int, tuple[int, bytes, str, bytes]] = {}
    last_seq = _above_any_number()
    with closing(sqlite3.connect(aside, isolation_level=None)) as damaged:
        for query in ("all_rows", "all_rows_backwards"):
            try:
                for row in damaged.execute(sql[query]):
                    if _is_whole(row):
                        rows[row[0]] = row
            except sqlite3.Error as error:
                log.debug("salvage_stopped", error=str(error))
        try:
            (last_seq,) = damaged.execute(sql["last_seq"]).fetchone()
        except (sqlite3.Error, TypeError) as error:
            log.debug("salvage_without_last_seq", error=str(error))
    with transaction(fresh):
        fresh.executemany(sql["salvage_row"], [rows[seq] for seq in sorted(rows)])
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
