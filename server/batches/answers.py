"""Answers a batch once: what is sent again with the same key changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from psycopg import AsyncConnection
from pydantic import TypeAdapter

from runtime.sql import statements
from server.errors import RequestInvalid

MOST_RECORDS = 1_000
"""Of one batch: reading so many keeps the process from other requests for a tenth of a second."""

WITHIN_S = 30.0
"""A batch may wait for an import that is at work."""

LONGEST_KEY = 200

_SQL = statements("server.batches", "batches.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """One record that was not taken: its place in the batch from 0, the field, why, what to do.

    Values are not repeated: they may be personal.
    """

    index: int
    field: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """What became of a batch: the records that are not refused are stored, or were already.

    `repeated` tells that the batch had been answered before and was not looked at again.
    """

    stored: int
    unchanged: int
    refused: list[RefusedRecord] = field(default_factory=list)
    repeated: bool = False


_ANSWER = TypeAdapter(BatchAnswer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as it came: the client's key, None without one, the route and the body's bytes."""

    key: str | None
    route: str
    body: bytes

    async def answer(
        self,
        connection: AsyncConnection,
        work: Callable[[AsyncConnection], Awaitable[BatchAnswer]],
    ) -> BatchAnswer:
        """Return what `work` answers, or what it answered when the batch first came.

        Raises RequestInvalid for a key that another batch has used.
        """
        if self.key is None:
            return await work(connection)
        if not 0 < len(self.key) <= LONGEST_KEY or not self.key.isprintable():
            raise RequestInvalid(f"Idempotency-Key is empty or longer than {LONGEST_KEY} signs")
        await connection.execute(_SQL["lock_key"], {"key": self.key})
        cursor = await connection.execute(_SQL["answer"], {"key": self.key})
        known = await cursor.fetchone()
        digest = hashlib.sha256(self.body).digest()
        if known is None:
            answer = await work(connection)
            values = {"key": self.key, "route": self.route, "digest": digest}
            values["answer"] = _ANSWER.dump_json(answer).decode()
            await connection.execute(_SQL["keep_answer"], values)
            return answer
        route, known_digest, answer_json = known
        if (route, bytes(known_digest)) != (self.route, digest):
            raise RequestInvalid(
                f"Idempotency-Key {self.key!r} was used for another batch; send a new key with "
                "every new batch"
            )
        first = _ANSWER.validate_json(json.dumps(answer_json))
        return BatchAnswer(
            stored=first.stored, unchanged=first.unchanged, refused=first.refused, repeated=True
        )
