"""Commits batches: one transaction each, and one poisonous row never holds up the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import psycopg
import structlog
from psycopg.rows import TupleRow

from contract.codec import MAX_PAYLOAD_BYTES
from contract.errors import Refusal
from contract.messages import Upstream
from contract.topics import Stream
from runtime.sql import statements
from server.db.changes import notify_change
from server.db.connection import one_line
from server.db.literals import literal
from server.facts.standings import Fresh, judge_ratings
from server.ingest.batch import Accepted, Batch, Refused, Route, Times
from server.ingest.columns import STATES, TABLES, columns
from server.staff.duty import refresh_duty

_SQL = statements("server.ingest", "ingest.sql")
_QUARANTINE = statements("server.quarantine", "quarantine.sql")

DATA_ERRORS = (psycopg.DataError, psycopg.IntegrityError, UnicodeEncodeError)
"""What PostgreSQL or psycopg says when a value, not the server, is at fault."""

MAX_REASON_CHARACTERS = 500
_HOUR_S = 3600
_LINKED = frozenset({Stream.VISIT, Stream.RATING, Stream.PROMPT, Stream.TICKET})
"""What links are made of."""

log = structlog.get_logger()


def write(connection: psycopg.Connection, batch: Batch) -> Batch:
    """Commit `batch` and return it as it was stored, rows refused by PostgreSQL as refused.

    Rows that are already stored are left alone: writing a batch again is harmless. Raises
    psycopg.Error when the database is at fault; what was committed until then stays.
    """
    try:
        with connection.transaction():
            store(connection, batch)
    except DATA_ERRORS as error:
        if not batch.accepted:
            raise
        return _write_apart(connection, batch, error)
    return batch


def store(connection: psycopg.Connection, batch: Batch) -> None:
    """Insert `batch` and wake listeners, inside the caller's transaction."""
    reports = batch.reports()
    if reports:
        _register(connection, reports, batch.times)
    if batch.accepted:
        _insert(connection, batch.accepted)
    if reports:
        _update_states(connection, reports, batch.times)
        notify_change(connection, {route.address.unit for route, _, _ in reports})
    if batch.refused:
        refused = _refused_columns(batch.refused, batch.times)
        connection.execute(_QUARANTINE["insert_quarantine"], refused)
    if batch.held:
        connection.execute(_QUARANTINE["hold"], _refused_columns(batch.held, batch.times))


def _insert(connection: psycopg.Connection, accepted: Sequence[Accepted]) -> None:
    groups = _by_stream(accepted)
    # In the table's order, not in that of arrival: two writers must not lock crosswise.
    for stream, table in TABLES.items():
        if stream in groups:
            cursor = connection.execute(_SQL[table.query], columns(table, *groups[stream]))
            if stream is Stream.VISIT:
                _recompute_expressions(connection, cursor.fetchall())
            elif stream is Stream.SESSION:
                refresh_duty(connection, cursor.fetchall())
            elif stream is Stream.RATING:
                judge_ratings(connection, map(Fresh.from_row, cursor.fetchall()))
    _mark_links(connection, accepted)


def _mark_links(connection: psycopg.Connection, accepted: Sequence[Accepted]) -> None:
    """Have the links of the units' days of these messages found anew."""
    told = {
        (route.address.unit, int(message.observed_at.timestamp()) // _HOUR_S): message.observed_at
        for route, message, _ in accepted
        if route.stream in _LINKED
    }
    if told:
        parameters = {
            "unit": literal([unit for unit, _ in told]),
            "observed_at": literal(list(told.values())),
        }
        connection.execute(_SQL["mark_links"], parameters)


def _update_states(
    connection: psycopg.Connection, reports: Sequence[Accepted], times: Times
) -> None:
    groups = _by_stream(reports)
    for stream, table in STATES.items():
        if stream in groups:
            connection.execute(_SQL[table.query], columns(table, *groups[stream], times))


def _recompute_expressions(connection: psycopg.Connection, unit_days: Sequence[TupleRow]) -> None:
    if unit_days:
        units, days = map(list, zip(*unit_days, strict=True))
        parameters = {"unit": units, "day": days}
        connection.execute(_SQL["lock_expression_days"], parameters)
        connection.execute(_SQL["recompute_expression_days"], parameters)


def storable_reason(reason: str) -> str:
    """Return `reason` as the quarantine's column can hold it."""
    return _storable(reason)[:MAX_REASON_CHARACTERS]


def _write_apart(connection: psycopg.Connection, batch: Batch, error: Exception) -> Batch:
    """Halve the batch until the rows that PostgreSQL refuses stand alone, and quarantine those."""
    accepted = batch.accepted
    if len(accepted) == 1:
        refused = [*batch.refused, _rejected(accepted[0], error)]
        return write(connection, replace(batch, accepted=[], refused=refused))
    middle = len(accepted) // 2
    first = write(connection, replace(batch, accepted=accepted[:middle]))
    rest = Batch(accepted=accepted[middle:], times=batch.times)
    second = write(connection, rest)
    return replace(
        first,
        accepted=first.accepted + second.accepted,
        refused=first.refused + second.refused,
    )


def _rejected(item: Accepted, error: Exception) -> Refused:
    route, message, payload = item
    return Refused(
        topic=route.topic,
        payload=payload,
        refusal=Refusal.REJECTED_BY_DATABASE,
        reason=one_line(error),
        address=route.address,
        message=message.id,
    )


def _register(connection: psycopg.Connection, reports: Iterable[Accepted], times: Times) -> None:
    newest: dict[tuple[Route, int], datetime] = {}
    for route, message, _ in reports:
        at = times.seen_at(route.address, message.observed_at)
        key = (route, int(at.timestamp()) // _HOUR_S)
        if key not in newest or newest[key] < at:
            newest[key] = at
    routes = [route for route, _ in newest]
    parameters = {
        "unit": literal([route.address.unit for route in routes]),
        "counter": literal([route.address.counter for route in routes]),
        "at": literal([route.counter for route in routes]),
        "device": literal([route.address.device for route in routes]),
        "newest": literal(list(newest.values())),
        "now": times.received_at,
    }
    connection.execute(_SQL["register_addresses"], parameters)
    for unit, counter, device in connection.execute(_SQL["bring_back"], parameters).fetchall():
        log.warning("retired_device_speaks", unit=unit, counter=counter, device=device)


def _by_stream(
    accepted: Iterable[Accepted],
) -> dict[Stream, tuple[list[Route], list[Upstream]]]:
    groups: dict[Stream, tuple[list[Route], list[Upstream]]] = {}
    for route, message, _ in accepted:
        group = groups.get(route.stream)
        if group is None:
            group = groups[route.stream] = ([], [])
        group[0].append(route)
        group[1].append(message)
    return groups


def _refused_columns(refused: Sequence[Refused], times: Times) -> dict[str, object]:
    return {
        "received_at": times.received_at,
        "clock_confirmed": times.confirmed,
        "digest": [_digest(entry) for entry in refused],
        "topic": [_storable(entry.topic) for entry in refused],
        "payload": [entry.payload[:MAX_PAYLOAD_BYTES] for entry in refused],
        "payload_bytes": [len(entry.payload) for entry in refused],
        "message": [entry.message for entry in refused],
        "refusal": [str(entry.refusal) for entry in refused],
        "reason": [storable_reason(entry.reason) for entry in refused],
    }


def _digest(entry: Refused) -> bytes:
    topic = entry.topic.encode("utf-8", "surrogatepass")
    return hashlib.sha256(topic + b"\0" + entry.payload).digest()


def _storable(text: str) -> str:
    """Return `text` without what PostgreSQL's text cannot hold: NUL and lone surrogates."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
