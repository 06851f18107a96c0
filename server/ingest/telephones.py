"""Carries ratings from telephones to where devices' ratings go: one path, one set of rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from contract.codec import encode
from contract.messages import Rating, RatingReason, RatingSource
from contract.topics import STREAMS, Address, Stream
from runtime.sql import statements
from server.ingest.batch import Accepted, Batch, Times
from server.ingest.decoding import route_of
from server.ingest.writer import write
from server.phone.questions import GROUP_OF, SATISFIED_FROM

_SQL = statements("server.phone", "phone.sql")


def carry_ratings(connection: psycopg.Connection, times: Times, now: datetime) -> Batch | None:
    """Return what was committed of the telephones' ratings, None where nothing waits.

    A rating keeps its id, so that one that is carried twice counts once. The answers beside it are
    told as soon as their question has a whole group.
    """
    with connection.transaction():
        rows = connection.execute(_SQL["to_carry"]).fetchall()
        if not rows:
            return None
        stored = write(connection, Batch(accepted=[_accepted(row) for row in rows], times=times))
        ids = [row[0] for row in rows]
        connection.execute(_SQL["carried"], {"ids": ids, "now": now})
        connection.execute(_SQL["answers_wait"], {"ids": ids, "satisfied_from": SATISFIED_FROM})
        connection.execute(_SQL["answers_told"], {"group_of": GROUP_OF})
    return stored


def _accepted(row: TupleRow | Sequence[Any]) -> Accepted:
    identity, unit, counter, device, place, observed_at, score, reasons, language, visit = row
    address = Address(unit=unit, counter=counter, device=device)
    rating = Rating(
        id=identity,
        device=device,
        seq=0,
        observed_at=observed_at,
        schema=STREAMS[Stream.RATING].version,
        score=score,
        source=RatingSource.QR,
        reasons=tuple(RatingReason(reason) for reason in reasons.split(",") if reason),
        language=language,
        counter=None if place == counter else place,
        visit=visit,
    )
    return route_of(address.topic(Stream.RATING), rating.counter), rating, encode(rating)
