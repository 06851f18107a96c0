"""Counts hours anew from raw rows: those marked dirty, and those that verification found wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import psycopg

from runtime.sql import statements

_SQL = statements("server.facts", "recount.sql")

MOST_HOURS = 500
"""In one transaction: ingest waits while it lasts, some hundredths of a second."""

Hour: TypeAlias = tuple[str, str, datetime]
"""A unit, one of its counters, and the beginning of an hour."""


def recount_dirty(connection: psycopg.Connection) -> int:
    """Count anew at most MOST_HOURS of the marked hours, oldest first; return how many.

    In one transaction: whoever is stopped in it leaves marks and totals as they were.
    """
    with connection.transaction():
        follow_retention(connection)
        lock_totals(connection)
        hours = connection.execute(_SQL["take_dirty_hours"], {"most": MOST_HOURS}).fetchall()
        recount(connection, [(unit, counter, hour) for unit, counter, hour in hours])
        return len(hours)


def follow_retention(connection: psycopg.Connection) -> None:
    """Move the horizon of raw rows on to where the database's retention has come."""
    connection.execute(_SQL["follow_retention"])


def lock_totals(connection: psycopg.Connection) -> None:
    """Keep everybody else from adding to totals until the caller's transaction ends."""
    connection.execute(_SQL["lock_totals"])


def recount(connection: psycopg.Connection, hours: Sequence[Hour]) -> None:
    """Count these hours anew from raw rows, inside the caller's transaction.

    Whoever calls has locked the totals. Hours without raw rows lose their totals.
    """
    if not hours:
        return
    units, counters, starts = map(list, zip(*hours, strict=True))
    connection.execute(_SQL["recount"], {"unit": units, "counter": counters, "hour": starts})
