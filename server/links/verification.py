"""Compares stored links with what raw rows give, a unit's day at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from server.links.store import DayLinks, links_of, relink, stored_links, unit_days


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCompared:
    """What is stored of a unit's day and not given by raw rows, or given and not stored."""

    unit: str
    day: date
    differences: tuple[str, ...]


def verify_links(connection: psycopg.Connection, *, repair: bool) -> Iterator[DayCompared]:
    """Yield every unit's day that has something to link, compared; each in its own transaction.

    With `repair` what differs is found anew before the day is yielded.
    """
    for unit, day in unit_days(connection):
        with connection.transaction():
            stored, counted = stored_links(connection, unit, day), links_of(connection, unit, day)
            found = tuple(_differences(unit, day, stored, counted))
            if found and repair:
                relink(connection, unit, day)
        yield DayCompared(unit=unit, day=day, differences=found)


def _differences(unit: str, day: date, stored: DayLinks, counted: DayLinks) -> Iterator[str]:
    for total, known, right in (
        ("link", stored.links, counted.links),
        ("link_daily", stored.counts, counted.counts),
    ):
        for row in sorted(set(known) ^ set(right), key=str):
            yield _sentence(total, unit, day, row, stored=row in set(known))


def _sentence(total: str, unit: str, day: date, row: tuple[Any, ...], *, stored: bool) -> str:
    known = "stored, but not in raw rows" if stored else "in raw rows, but not stored"
    told = " ".join("-" if value is None else str(value) for value in row)
    return f"{total} of {day} at {unit}: {told} is {known}"
