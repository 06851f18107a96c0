"""What the commands of `motcua closing` and `motcua audit verify` do with closed periods."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from psycopg import AsyncConnection

from runtime.settings import read_settings
from server.audit.commands import command_entry
from server.audit.entries import Action
from server.audit.store import record
from server.closing.checks import Missing, read_missing
from server.closing.closings import Closing, require_calendar, require_closable
from server.closing.keys import KeyRecord, Newest, make_key, newest_beside, open_key
from server.closing.restatements import Restated, restate
from server.closing.settings import ClosingSettings
from server.closing.signing import Signing, hand_over
from server.closing.store import alone, read_closings, read_keys, read_newest
from server.closing.verification import Findings, verify_closings
from server.closing.versions import close_period
from server.closing.views import one_view
from server.db.connection import async_session, session
from server.db.migrations import require_current
from server.errors import ConfigurationError, Conflict
from server.periods import Period
from server.schemes.library import Schemes, SchemeSettings, load_schemes
from server.schemes.versions import known_schemes

T = TypeVar("T")


def verify_all(database_url: str, expect: tuple[int, bytes] | None = None) -> Findings:
    """Return what verifying every closing found, as of one moment."""
    shipped = _schemes()

    async def work(connection: AsyncConnection) -> Findings:
        schemes = await known_schemes(connection, shipped)
        async with one_view(connection) as readers:
            return await verify_closings(connection, readers, schemes, expect=expect)

    found = _run(database_url, work)
    if expect is None:
        _compare_with_key(found)
    return found


def _compare_with_key(found: Findings) -> None:
    """Add a fault where the file beside the key knows a later closing than the database."""
    file = read_settings(ClosingSettings).key
    if file is None:
        return
    try:
        signed = newest_beside(file)
    except ConfigurationError as error:
        found.notices.append(str(error))
        return
    newest = 0 if found.newest is None else found.newest.number
    if signed is not None and signed.number > newest:
        found.faults.append(
            f"closing {signed.number}, the newest that {file} signed, is not in this database: an "
            "older backup was restored, or it is another database"
        )


def check(database_url: str, period: str) -> tuple[Period, Missing]:
    """Return what a period lacks before it can be closed; raise PeriodInvalid."""
    wanted = _period(period)
    require_calendar(wanted)

    async def work(connection: AsyncConnection) -> Missing:
        return await read_missing(connection, wanted)

    return wanted, _run(database_url, work)


def close_now(database_url: str, period: str, *, despite: bool) -> Closing:
    """Close a period and return its first version; raise what `close_period` raises."""
    wanted = _period(period)
    require_closable(wanted, datetime.now(UTC))
    signing = _signing()

    async def work(connection: AsyncConnection) -> Closing:
        known = await _with_added(connection, signing)
        return await close_period(connection, wanted, known, despite=despite)

    return _run(database_url, work)


def restate_now(database_url: str, period: str, reason: str) -> Restated:
    """Restate a closed period by what came late, and with a reason by whatever has changed."""
    signing = _signing()

    async def work(connection: AsyncConnection) -> Restated:
        known = await _with_added(connection, signing)
        return await restate(connection, _period(period), known, reason=reason)

    return _run(database_url, work)


def closings(database_url: str) -> list[Closing]:
    """Return every version of every closed period."""
    return _run(database_url, read_closings)


def keys(database_url: str) -> list[KeyRecord]:
    """Return the keys in the order in which they were handed over."""
    return _run(database_url, read_keys)


def replace_key(database_url: str, file: Path, lost: str | None) -> KeyRecord:
    """Make a key in a new file and hand over to it; `lost` says how the former one was lost."""
    former = None if lost is not None else open_key(read_settings(ClosingSettings).key)

    async def work(connection: AsyncConnection) -> KeyRecord:
        by = command_entry(Action.CLOSING_KEY_REPLACED)
        if not await read_keys(connection):
            raise Conflict("nothing has been closed yet: there is no key to replace")
        made = make_key(file)
        async with alone(connection), connection.transaction():
            return await hand_over(connection, former, made, by, lost or "")

    return _run(database_url, work)


def resume(database_url: str, reason: str) -> Closing | None:
    """Go on from the newest closing of this database, though later ones were signed.

    That it was done, and what was lost, is noted in the audit log.
    """
    key = open_key(read_settings(ClosingSettings).key)

    async def work(connection: AsyncConnection) -> Closing | None:
        async with alone(connection), connection.transaction():
            newest = await read_newest(connection)
            entry = command_entry(
                Action.CLOSINGS_RESUMED,
                key.fingerprint,
                reason=reason,
                newest=0 if newest is None else newest.number,
            )
            await record(connection, replace(entry, at=datetime.now(UTC)))
        key.note(
            Newest(number=0, seal=b"")
            if newest is None
            else Newest(number=newest.number, seal=newest.seal)
        )
        return newest

    return _run(database_url, work)


def _signing() -> Signing:
    key = open_key(read_settings(ClosingSettings).key)
    return Signing(key=key, schemes=_schemes(), by=command_entry(Action.PERIOD_CLOSED))


async def _with_added(connection: AsyncConnection, signing: Signing) -> Signing:
    return replace(signing, schemes=await known_schemes(connection, signing.schemes))


def _schemes() -> Schemes:
    return load_schemes(read_settings(SchemeSettings))


def _period(text: str) -> Period:
    return Period.parse(text, datetime.now(UTC))


def _run(database_url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    with session(database_url) as connection:
        require_current(connection)

    async def run() -> T:
        async with async_session(database_url) as connection:
            return await work(connection)

    return asyncio.run(run())
