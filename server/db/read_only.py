"""Why a database takes no changes, where that is how it is set up."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnly:
    """The cause in one sentence, and what to do next."""

    problem: str
    next: str

    def __str__(self) -> str:
        return f"{self.problem}; {self.next}"


_STANDBY = ReadOnly(
    problem="PostgreSQL takes no changes: it is a standby",
    next="name the primary in --database-url, or promote the standby",
)
_BY_DEFAULT = ReadOnly(
    problem="PostgreSQL takes no changes: default_transaction_read_only is on",
    next="look whether its disk is full, then set it off for the server, the database or the role",
)


def why_read_only(connection: psycopg.Connection | psycopg.AsyncConnection) -> ReadOnly | None:
    """Return why this open connection's database takes no changes, None where it does.

    Asks the driver alone: PostgreSQL reports both settings by itself, at the start and when they
    change.
    """
    if connection.info.parameter_status("in_hot_standby") == "on":
        return _STANDBY
    if connection.info.parameter_status("default_transaction_read_only") == "on":
        return _BY_DEFAULT
    return None
