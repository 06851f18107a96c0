"""The device's outbox: messages wait here, in order and safe on disk, until the server has them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar
from uuid import UUID

import msgspec

from contract.codec import MAX_PAYLOAD_BYTES, encode
from contract.messages import Rating, Upstream, UtcTime
from contract.problems import ProblemCode, report
from contract.topics import STREAM_OF, Stream
from edge.errors import OutboxFull
from edge.store.reserve_file import may_grow
from edge.store.shared_state import ProcessName, ProcessStatus, SharedState, StatusReport

__all__ = ["Outbox", "OutboxRow", "ProcessName", "ProcessStatus", "StatusReport"]

KEPT_RATINGS = 2000
"""Ratings remembered after they were sent, for retries and reasons: a week's at a busy counter."""

_SHARE_FOR_RATINGS = 0.1
_PAGES_FOR_ONE = 8  # four tables and indexes change, and each may split a page
_MEGABYTE = 1_000_000

_Message = TypeVar("_Message", bound=Upstream)


class _Observed(msgspec.Struct, frozen=True):
    observed_at: UtcTime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One message that waits, as bytes ready to be published."""

    seq: int
    id: UUID
    stream: Stream
    payload: bytes


class Outbox(SharedState):
    """The messages that wait, and in the same file the state that the processes share.

    Any upstream message can wait here. Every call may raise a StoreError.
    """

    def __init__(self, path: Path, *, max_rows: int, reserve_mb: int) -> None:
        super().__init__(path)
        self._max_rows = max_rows
        self._rows_for_all = int(max_rows * (1 - _SHARE_FOR_RATINGS))
        self._reserve_bytes = reserve_mb * _MEGABYTE

    @classmethod
    def open(cls, path: Path, *, max_rows: int, reserve_mb: int) -> Self:
        """Return the outbox in the SQLite file `path`; close it, or use it as a context manager.

        All but ratings are refused when 90 % of `max_rows` wait or less than `reserve_mb` of disk
        is free; ratings go in until the disk itself is full.
        """
        return cls(path, max_rows=max_rows, reserve_mb=reserve_mb)

    def append(self, message: _Message) -> _Message:
        """Store `message` under the device's next number and return it with that `seq`.

        It is on disk when this returns. An id that is already stored is not stored again: the
        message of the first time is returned. Raises OutboxFull.
        """
        return self.write(lambda: self.put(message))

    def waiting(self, limit: int, *, after_seq: int = 0) -> list[OutboxRow]:
        """Return up to `limit` messages above `after_seq`, in the order of their numbers."""
        return [
            OutboxRow(seq=seq, id=UUID(bytes=identity), stream=Stream(stream), payload=payload)
            for seq, identity, stream, payload in self.read("waiting", after_seq, limit)
        ]

    def delete(self, ids: Iterable[UUID]) -> int:
        """Delete the messages that the server has; return how many of them were still here."""
        keys = [identity.bytes for identity in ids]

        def delete() -> int:
            deleted = sum(self.execute("delete_row", key).rowcount for key in keys)
            self.execute("lower_depth", deleted)
            return deleted

        return self.write(delete, frees=True) if keys else 0

    def depth(self) -> int:
        """Return how many messages wait."""
        ((depth,),) = self.read("depth")
        return int(depth)

    def oldest(self) -> datetime | None:
        """Return when the message that has waited longest was observed."""
        for (payload,) in self.read("oldest"):
            return msgspec.json.decode(payload, type=_Observed).observed_at
        return None

    def rating(self, identity: UUID) -> Rating | None:
        """Return a recent rating or amendment, whether or not it has been sent."""
        for (payload,) in self.read("find_rating", identity.bytes):
            return msgspec.json.decode(payload, type=Rating)
        return None

    def recent_ratings(self, limit: int) -> list[Rating]:
        """Return up to `limit` ratings and amendments, newest first, sent or not."""
        rows = self.read("recent_ratings", limit)
        return [msgspec.json.decode(payload, type=Rating) for (payload,) in rows]

    def put(self, message: _Message) -> _Message:
        """Store `message` as `append` does; only for work inside `write`."""
        known = self._stored(message)
        if known is not None:
            return known
        self._refuse_without_room_to_delete()
        if not isinstance(message, Rating):
            self._refuse_beyond_limits()
        ((seq,),) = self.execute("take_seq").fetchall()
        stamped = msgspec.structs.replace(message, seq=seq)
        payload = encode(stamped)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise ValueError(f"{type(message).__name__} of {len(payload)} bytes: too large to send")
        self.execute("insert_row", seq, message.id.bytes, _stream_of(message).value, payload)
        if isinstance(stamped, Rating):
            self.execute("remember_rating", message.id.bytes, payload)
            self.execute("forget_old_ratings", KEPT_RATINGS)
        return stamped

    def _stored(self, message: _Message) -> _Message | None:
        names = ["find_row"] + (["find_rating"] if isinstance(message, Rating) else [])
        for name in names:
            for (payload,) in self.execute(name, message.id.bytes).fetchall():
                return msgspec.json.decode(payload, type=type(message))
        return None

    def _refuse_without_room_to_delete(self) -> None:
        """Keep the room that deleting needs; pages of deleted rows may be filled again."""
        ((pages,),) = self.execute("free_pages").fetchall()
        if pages < _PAGES_FOR_ONE and not may_grow(self._path):
            raise OutboxFull(report(ProblemCode.DISK_FULL, path=self._path))

    def _refuse_beyond_limits(self) -> None:
        ((depth,),) = self.execute("depth").fetchall()
        if depth >= self._rows_for_all:
            raise OutboxFull(
                report(
                    ProblemCode.OUTBOX_FULL, depth=depth, path=self._path, max_rows=self._max_rows
                )
            )
        free = self._free_bytes()
        if free < self._reserve_bytes:
            raise OutboxFull(
                report(
                    ProblemCode.DISK_RESERVED,
                    free_mb=free // _MEGABYTE,
                    path=self._path,
                    reserve_mb=self._reserve_bytes // _MEGABYTE,
                )
            )

    def _free_bytes(self) -> int:
        """Return the free space on the disk and inside the file, which never shrinks."""
        disk = os.statvfs(self._path.parent)
        ((pages,),) = self.execute("free_pages").fetchall()
        ((page_bytes,),) = self.execute("page_bytes").fetchall()
        return disk.f_bavail * disk.f_frsize + int(pages) * int(page_bytes)


def _stream_of(message: Upstream) -> Stream:
    return STREAM_OF[type(message)]
