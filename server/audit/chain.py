"""Makes the chain's links, follows it from its beginning, and lets old entries go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import class_row

from runtime.sql import statements
from server.audit.entries import START, Link, StoredEntry, chain, digest_of

_SQL = statements("server.audit", "audit.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What following the chain found: `faults` name what does not hold, each in one line.

    `unlinked` entries came after the newest link; `purged` links have lost theirs in time.
    """

    links: int
    entries: int
    unlinked: int
    purged: int
    newest: Link | None
    faults: tuple[str, ...]


async def add_link(connection: AsyncConnection, now: datetime) -> Link | None:
    """Chain the entries that have come since the newest link; None when there are none."""
    await connection.execute(_SQL["hold_alone"])
    newest = await _newest(connection)
    first = 1 if newest is None else newest.last + 1
    row = await (await connection.execute(_SQL["newest_entry"])).fetchone()
    last = row[0] if row else None
    if last is None or last < first:
        return None
    entries = await _between(connection, first, last)
    link = Link(
        number=1 if newest is None else newest.number + 1,
        made_at=now,
        first=first,
        last=last,
        entries=len(entries),
        digest=digest_of(entries),
        link=b"",
    )
    link = replace(link, link=chain(START if newest is None else newest.link, link))
    await connection.execute(_SQL["add_link"], asdict(link))
    return link


async def verify(connection: AsyncConnection) -> Verdict:
    """Follow the chain from its beginning; reads everything once."""
    faults: list[str] = []
    before, links, purged, counted = START, 0, 0, 0
    newest: Link | None = None
    async for link in _links(connection):
        faults += _faults_of_link(link, newest, before)
        entries = await _between(connection, link.first, link.last)
        if link.purged_at is not None:
            purged += 1
            faults += [f"link {link.number}: purged entries are there"] if entries else []
        elif digest_of(entries) != link.digest:
            faults.append(
                f"link {link.number} of {link.made_at:%Y-%m-%d %H:%M}Z: its entries "
                f"{link.first}–{link.last} are not those that were chained"
            )
        counted += len(entries)
        before, newest, links = link.link, link, links + 1
    rest = await _between(connection, 1 if newest is None else newest.last + 1, 2**63 - 1)
    return Verdict(
        links=links,
        entries=counted + len(rest),
        unlinked=len(rest),
        purged=purged,
        newest=newest,
        faults=tuple(faults),
    )


async def purge(connection: AsyncConnection, before: datetime, now: datetime) -> int:
    """Remove the entries of links made before `before`; return how many."""
    of = {"before": before, "now": now}
    await connection.execute(_SQL["purge_links"], of)
    return (await connection.execute(_SQL["purge_entries"], of)).rowcount


def _faults_of_link(link: Link, last: Link | None, before: bytes) -> list[str]:
    faults = []
    number, first = (1, 1) if last is None else (last.number + 1, last.last + 1)
    if (link.number, link.first) != (number, first):
        faults.append(f"link {number} is missing, or does not begin with entry {first}")
    if chain(before, link) != link.link:
        faults.append(f"link {link.number} is not chained to the one before it")
    return faults


async def _newest(connection: AsyncConnection) -> Link | None:
    cursor = connection.cursor(row_factory=class_row(Link))
    return await (await cursor.execute(_SQL["newest_link"])).fetchone()


async def _links(connection: AsyncConnection) -> AsyncIterator[Link]:
    after = -1
    while True:
        cursor = connection.cursor(row_factory=class_row(Link))
        found = await (await cursor.execute(_SQL["links"], {"after": after})).fetchall()
        if not found:
            return
        for link in found:
            yield link
        after = found[-1].number


async def _between(connection: AsyncConnection, first: int, last: int) -> Sequence[StoredEntry]:
    cursor = connection.cursor(row_factory=class_row(StoredEntry))
    of = {"first": first, "last": last}
    return await (await cursor.execute(_SQL["entries_between"], of)).fetchall()
