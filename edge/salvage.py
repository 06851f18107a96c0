"""A damaged store: set aside, and what can still be read carried over into a fresh one."""

from __future__ import annotations

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

log = structlog.get_logger()


def set_aside(path: Path) -> Path:
    """Move the store at `path` away, with its log; return where it is now."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    # The write-ahead log first: without its main file it is never replayed into a fresh one.
    for suffix in ("-wal", "-shm", ""):
        source = path.with_name(path.name + suffix)
        if source.exists():
            source.rename(aside.with_name(aside.name + suffix))
    kept = sorted(path.parent.glob(f"{path.name}.damaged-*[0-9]"))
    for old in kept[:-_KEPT_DAMAGED_FILES]:
        for suffix in ("-wal", "-shm", ""):
            old.with_name(old.name + suffix).unlink(missing_ok=True)
    return aside


def salvage(aside: Path, fresh: sqlite3.Connection) -> int:
    """Carry over every row that can still be read; return how many."""
    sql = queries()
    rows: dict[int, tuple[int, bytes, str, bytes]] = {}
    last_seq = int(datetime.now(UTC).timestamp() * 1000)  # above any number counted one by one
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


def _is_whole(row: tuple[int, bytes, str, bytes]) -> bool:
    _, identity, stream, payload = row
    try:
        message = decode(Stream(stream), payload)
    except (ContractError, ValueError, TypeError):
        return False
    return not isinstance(message, Ack) and message.id.bytes == identity
