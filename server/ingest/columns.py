"""Turns messages into arrays of columns, one array per parameter of a stream's INSERT.

Free text goes through psycopg, which quotes it; the rest through `server.db.literals`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

from contract.messages import ExpressionMix, Health, Observation, Rating, Upstream, Visit
from contract.problems import other
from contract.topics import Stream
from server.db.literals import literal
from server.ingest.batch import Route, Times

Column: TypeAlias = str | list[str | None]
"""A PostgreSQL array literal, or texts that psycopg still has to quote."""

_JSON: Final = msgspec.json.Encoder()
_ENVELOPE: Final = ("id", "observed_at", "device", "seq")
_MIX: Final = ("faces", "readings", "negative", "neutral", "positive")
_NO_MIX: Final = (None,) * len(_MIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTable:
    """How one stream is inserted: its query and where each parameter comes from.

    `fields` are taken as they are, `texts` are free text, and `derived` makes columns that a plain
    attribute cannot give.
    """

    query: str
    fields: tuple[str, ...]
    texts: tuple[str, ...] = ()
    derived: Callable[[Sequence[Upstream]], dict[str, Column]] | None = None


def columns(
    table: StreamTable,
    routes: Sequence[Route],
    messages: Sequence[Upstream],
    times: Times | None = None,
) -> dict[str, object]:
    """Return the parameters of the table's statement for these messages (at least one).

    With `times` also `seen_at`, when each was observed by the server's clock, and `now`, when this
    clock showed that they came.
    """
    names = _ENVELOPE + table.fields
    rows = map(attrgetter(*names), messages)
    result: dict[str, object] = {
        name: literal(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    result["unit"] = literal([route.address.unit for route in routes])
    result["counter"] = literal([route.counter for route in routes])
    for name in table.texts:
        result[name] = list(map(attrgetter(name), messages))
    if table.derived is not None:
        result |= table.derived(messages)
    if times is not None:
        pairs = zip(routes, messages, strict=True)
        seen = [times.seen_at(route.address, message.observed_at) for route, message in pairs]
        result |= {"seen_at": literal(seen), "now": times.received_at}
    return result


def _mix_columns(messages: Sequence[Upstream]) -> dict[str, Column]:
    mixes = [_mix(message) for message in messages]
    return {
        name: literal(column) for name, column in zip(_MIX, zip(*mixes, strict=True), strict=True)
    }


def _mix(message: Upstream) -> tuple[float | None, ...]:
    assert isinstance(message, Observation | Visit)
    mix: ExpressionMix | None = message.expression
    if mix is None:
        return _NO_MIX
    return (mix.faces, mix.readings, mix.negative, mix.neutral, mix.positive)


def _reason_columns(messages: Sequence[Upstream]) -> dict[str, Column]:
    reasons: list[str | None] = []
    marked: list[str | None] = []
    for message in messages:
        assert isinstance(message, Rating)
        reasons.append(",".join(message.reasons))
        marked.append(",".join(sorted(message.suspect)))
    return {"reasons": reasons, "marked": marked}


def _problem_columns(messages: Sequence[Upstream]) -> dict[str, Column]:
    problems: list[str | None] = []
    for message in messages:
        assert isinstance(message, Health)
        reports = (*message.problem_reports, *map(other, message.problems))
        problems.append(_JSON.encode(reports).decode())
    return {"problems": problems}


# Who serves and what for comes first: visits and ratings of the same batch are counted by it.
TABLES: Mapping[Stream, StreamTable] = MappingProxyType(
    {
        Stream.SESSION: StreamTable(
            query="insert_officer_sessions",
            fields=("session", "event", "method", "automatic"),
            texts=("officer",),
        ),
        Stream.TICKET: StreamTable(
            query="insert_tickets",
            fields=("event", "to_counter"),
            texts=("number", "service", "dossier"),
        ),
        Stream.OBSERVATION: StreamTable(
            query="insert_observations",
            fields=("window_s", "frames", "fps", "queue_length", "people_present"),
            derived=_mix_columns,
        ),
        Stream.VISIT: StreamTable(
            query="insert_visits",
            fields=("started_at", "service_s", "wait_s", "expression_change", "complete"),
            derived=_mix_columns,
        ),
        Stream.WAIT: StreamTable(
            query="insert_waits", fields=("started_at", "wait_s", "outcome")
        ),
        Stream.RATING: StreamTable(
            query="insert_ratings",
            fields=(
                "score", "source", "language", "amends", "visit", "presence", "held_s", "withdrawn",
            ),
            derived=_reason_columns,
        ),
        Stream.PROMPT: StreamTable(
            query="insert_prompts", fields=("prompt", "event", "opened_by", "visit", "rating")
        ),
        Stream.HEALTH: StreamTable(
            query="insert_health",
            fields=(
                "status", "session", "uptime_s", "outbox_depth", "outbox_oldest_s", "camera",
                "fps", "cpu_percent", "memory_mb", "disk_free_mb", "temperature_c",
                "config_version", "simulated", "clock_synchronised",
            ),
            texts=("software", "detector", "people_detector", "expression_model"),
            derived=_problem_columns,
        ),
    }
)  # fmt: skip

STATES: Mapping[Stream, StreamTable] = MappingProxyType(
    {
        Stream.OBSERVATION: StreamTable(query="update_counters", fields=("queue_length",)),
        Stream.HEALTH: replace(TABLES[Stream.HEALTH], query="update_device_health"),
    }
)
"""What tells the state of now: kept beside the counter and the device, ordered by the server's
clock."""
