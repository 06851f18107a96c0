"""Reads what was told of a unit's day, and stores what its links are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import psycopg

from contract.messages import TicketEvent
from runtime.sql import statements
from server.links.links import (
    ALONE,
    AMBIGUOUS,
    DayTold,
    DossierTold,
    Found,
    Link,
    OnlineRating,
    RatingTold,
    VisitTold,
    link_day,
)
from server.links.turns import TicketTold
from server.periods import Period, Step

_SQL = statements("server.links", "links.sql")

MOST_DAYS = 20
"""Units' days in one transaction: each is read and written in some hundredths of a second."""

UnitDay: TypeAlias = tuple[str, date]

LinkRow: TypeAlias = tuple[str, str, str, str, str, float, float | None]
"""A link as it is stored: kind, subject, object, counter, rule, confidence, waited_s."""

CountRow: TypeAlias = tuple[str, str, str, int, float]
"""How many subjects: counter, kind, rule (or what became of them), subjects, confidences."""


_LINK = ("kind", "subject", "object", "counter", "rule", "confidence", "waited_s")
_COUNT = ("counter", "kind", "rule", "subjects", "confidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLinks:
    """The links of a unit's day and their counts, as rows in a fixed order."""

    links: tuple[LinkRow, ...]
    counts: tuple[CountRow, ...]


def relink_due(connection: psycopg.Connection) -> int:
    """Find the links of at most MOST_DAYS marked days of units anew; return how many there were.

    In one transaction: whoever is stopped in it leaves marks and links as they were.
    """
    with connection.transaction():
        connection.execute(_SQL["follow_retention"])
        due: set[UnitDay] = set()
        for statement in ("take_due", "take_due_by_dossier"):
            due |= set(connection.execute(_SQL[statement], {"most": MOST_DAYS}).fetchall())
        for unit, day in sorted(due):
            relink(connection, unit, day)
        return len(due)


def relink(connection: psycopg.Connection, unit: str, day: date) -> None:
    """Find the links of a unit's day anew and store them, inside the caller's transaction."""
    place = {"unit": unit, "day": day}
    connection.execute(_SQL["lock_due"], {"unit": unit})
    found = links_of(connection, unit, day)
    connection.execute(_SQL["forget_links"], place)
    connection.execute(_SQL["forget_counts"], place)
    _store(connection, "store_links", _LINK, found.links, place)
    _store(connection, "store_counts", _COUNT, found.counts, place)


def links_of(connection: psycopg.Connection, unit: str, day: date) -> DayLinks:
    """Return the links that raw rows give for a unit's day."""
    return _rows(link_day(_told(connection, unit, day)))


def stored_links(connection: psycopg.Connection, unit: str, day: date) -> DayLinks:
    """Return the links that are stored for a unit's day."""
    place = {"unit": unit, "day": day}
    return DayLinks(
        links=tuple(sorted(connection.execute(_SQL["stored_links"], place).fetchall(), key=str)),
        counts=tuple(sorted(connection.execute(_SQL["stored_counts"], place).fetchall())),
    )


def unit_days(connection: psycopg.Connection) -> list[UnitDay]:
    """Return the units' days that have links or something to link, where raw rows are kept."""
    return connection.execute(_SQL["unit_days"]).fetchall()


def purge(connection: psycopg.Connection) -> int:
    """Remove the links whose raw rows are gone and return how many; their counts stay."""
    connection.execute(_SQL["follow_retention"])
    return connection.execute(_SQL["purge"]).rowcount


def _told(connection: psycopg.Connection, unit: str, day: date) -> DayTold:
    start, end = Period.of(Step.DAY, day).bounds
    place = {"unit": unit, "start": start, "end": end}

    def rows(name: str) -> list[tuple[Any, ...]]:
        return connection.execute(_SQL[name], place).fetchall()

    return DayTold(
        visits=[
            VisitTold(id=id_, counter=counter, started_at=since, ended_at=until)
            for id_, counter, since, until in rows("visits")
        ],
        ratings=[
            RatingTold(id=id_, counter=counter, at=at, visits=frozenset(visits))
            for id_, counter, at, visits in rows("ratings")
        ],
        tickets=[
            TicketTold(
                id=id_,
                counter=counter,
                number=number,
                event=TicketEvent(event),
                at=at,
                dossier=dossier,
            )
            for id_, counter, number, event, at, dossier in rows("tickets")
        ],
        dossiers=[DossierTold(code=code, number=number) for code, number in rows("dossiers")],
        online=[
            OnlineRating(id=id_, dossier=code, at=at) for id_, code, at in rows("online_ratings")
        ],
    )


def _rows(found: Sequence[Found]) -> DayLinks:
    """Return links and counts as rows; a subject with several links is counted once."""
    links: list[LinkRow] = []
    subjects: dict[tuple[str, str], tuple[str, str, float]] = {}
    for each in found:
        key = (str(each.kind), each.subject)
        if isinstance(each, Link):
            links.append(_link_row(each))
            subjects.setdefault(key, (each.counter, str(each.rule), each.confidence))
        else:
            subjects[key] = (each.counter, AMBIGUOUS if each.ambiguous else ALONE, 0.0)
    counts: Counter[tuple[str, str, str]] = Counter()
    confidences: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for (kind, _), (counter, rule, confidence) in subjects.items():
        counts[counter, kind, rule] += 1
        confidences[counter, kind, rule] += confidence
    return DayLinks(
        links=tuple(sorted(links, key=str)),
        counts=tuple((*key, n, confidences[key]) for key, n in sorted(counts.items())),
    )


def _link_row(link: Link) -> LinkRow:
    return (
        str(link.kind),
        link.subject,
        link.object_,
        link.counter,
        str(link.rule),
        link.confidence,
        link.waited_s,
    )


def _store(
    connection: psycopg.Connection,
    statement: str,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    place: dict[str, Any],
) -> None:
    if rows:
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        connection.execute(_SQL[statement], columns | place)
