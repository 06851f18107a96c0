"""Makes versions of closed periods, links of one signed chain; the first one by closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from psycopg import AsyncConnection

from server.audit.chain import add_link
from server.audit.entries import Action
from server.audit.store import record
from server.closing.canonical import plain
from server.closing.checks import read_missing
from server.closing.closings import START, Closing, require_closable, sealed
from server.closing.documents import Contents, Document, document
from server.closing.figures import Told, read_figures
from server.closing.keys import Newest
from server.closing.rows import (
    TABLES,
    DayDigest,
    as_members,
    await_writers,
    read_digests,
)
from server.closing.signing import Signing, first_key, require_ready
from server.closing.store import (
    add_closing,
    add_key,
    add_parts,
    alone,
    newest_link,
    read_closings,
    read_keys,
)
from server.closing.views import Readers, both, one_view
from server.errors import Conflict
from server.periods import Period
from server.schemes.library import Schemes


async def close_period(
    connection: AsyncConnection, period: Period, signing: Signing, *, despite: bool = False
) -> Closing:
    """Close a period and return its first version.

    The connection commits by itself. Raises PeriodInvalid for what cannot be closed, Conflict for
    a period that is not over, closed already, being closed, being counted anew or, unless
    `despite`, with open contests or appraisals; also where the clock or the database stands
    before the newest closing. Raises ConfigurationError for a key that is not the one in use.
    """
    now = datetime.now(UTC)
    require_closable(period, now)
    async with alone(connection):
        newest = await require_ready(connection, signing, now)
        if await read_closings(connection, str(period)):
            raise Conflict(f"{period} is closed already; what came later restates it")
        known_at = await await_writers(connection)
        async with one_view(connection) as readers:
            missing = await read_missing(connection, period)
            missing.require_none(period, despite=despite)
            told, rows = await read_all(connection, readers, period, signing.schemes, known_at)
        arriving = sum(each.late for each in rows)
        if arriving:
            raise Conflict(f"{arriving} rows of {period} came while it was being closed: try again")
        contents = Contents(told=told, rows=as_members(rows), still_open=missing.still_open)
        return await add_version(connection, newest, period, 1, known_at, contents, signing)


async def read_all(
    connection: AsyncConnection,
    readers: Readers,
    period: Period,
    schemes: Schemes,
    known_at: datetime,
) -> tuple[Told, list[DayDigest]]:
    """Return the figures and, read by others meanwhile, the digests of the rows behind them."""
    return await both(
        read_figures(connection, period, schemes, known_at, beside=readers.figures),
        read_digests(readers.rows, period, known_at, TABLES),
    )


async def add_version(
    connection: AsyncConnection,
    newest: Closing | None,
    period: Period,
    version: int,
    known_at: datetime,
    contents: Contents,
    signing: Signing,
) -> Closing:
    """Add a version to the chain with its entry and its link in the audit log, and return it."""
    made: Document = document(period, version, known_at, contents)
    async with connection.transaction():
        if not await read_keys(connection):
            await add_key(connection, first_key(signing.key, known_at))
        number, link = await newest_link(connection)
        closing = _signed(newest, period, version, known_at, contents, made, signing, number, link)
        await add_closing(connection, closing, made)
        await add_parts(connection, closing.number, contents.told.parts)
        action = Action.PERIOD_CLOSED if version == 1 else Action.PERIOD_RESTATED
        details = {"number": closing.number, "version": version, "seal": closing.seal.hex()}
        entry = replace(
            signing.by, at=closing.closed_at, action=action, subject=str(period), details=details
        )
        await record(connection, entry)
    async with connection.transaction():
        await add_link(connection, datetime.now(UTC))
    signing.key.note(Newest(number=closing.number, seal=closing.seal))
    return closing


def _signed(
    newest: Closing | None,
    period: Period,
    version: int,
    known_at: datetime,
    contents: Contents,
    made: Document,
    signing: Signing,
    link_number: int | None,
    link: bytes | None,
) -> Closing:
    assert period.first is not None
    assert period.end is not None
    unsigned = Closing(
        number=1 if newest is None else newest.number + 1,
        period=str(period),
        first_day=period.first,
        end_day=period.end,
        version=version,
        closed_at=datetime.now(UTC),
        known_at=known_at,
        closed_by=signing.by.actor,
        cause=plain(contents.cause),
        changes=plain(contents.changes),
        digest=made.digest,
        link_number=link_number,
        link=link,
        previous=START if newest is None else newest.seal,
        seal=b"",
        key=signing.key.fingerprint,
        signature=b"",
    )
    seal = sealed(unsigned)
    return replace(unsigned, seal=seal, signature=signing.key.sign(seal))
