"""Makes versions of closed periods: the first by closing, later ones by restating."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection, IsolationLevel

from server.audit.chain import add_link
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.closing.canonical import plain
from server.closing.checks import late_rows, read_acts, read_missing
from server.closing.closings import START, Closing, require_closable, require_forward, sealed
from server.closing.documents import Contents, Document, changes, document
from server.closing.figures import read_figures
from server.closing.keys import KeyRecord, Newest, SigningKey
from server.closing.rows import (
    TABLES,
    TOTALS,
    Compared,
    as_members,
    await_writers,
    compare,
    read_digests,
    read_horizon,
)
from server.closing.store import (
    add_closing,
    add_key,
    alone,
    newest_link,
    note_checked,
    read_checked,
    read_closings,
    read_document,
    read_keys,
    read_newest,
    read_version,
)
from server.errors import ConfigurationError, Conflict
from server.periods import Period
from server.schemes.library import Schemes

VERSIONED = ("catalogue", "schemes")
"""By what figures are computed: another version of it gives other figures of the same rows."""

_OTHER_VERSIONS = (
    "KPIs or schemes have another version than when it was closed: what came late is taken over by "
    "`motcua closing restate --reason`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What a version is made with: the key, the schemes, and the entry of whoever makes it."""

    key: SigningKey
    schemes: Schemes
    by: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """What looking at a closed period found: a new version, or what forbids one."""

    closing: Closing | None = None
    faults: tuple[str, ...] = ()


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
        newest = await _require_ready(connection, signing, now)
        if await read_closings(connection, str(period)):
            raise Conflict(f"{period} is closed already; what came later restates it")
        known_at = await await_writers(connection)
        async with _one_view(connection):
            missing = await read_missing(connection, period)
            missing.require_none(period, despite=despite)
            figures = await read_figures(connection, period, signing.schemes, known_at)
            rows = await read_digests(connection, period, known_at, TABLES)
        arriving = sum(each.late for each in rows)
        if arriving:
            raise Conflict(f"{arriving} rows of {period} came while it was being closed: try again")
        contents = Contents(figures=figures, rows=as_members(rows), still_open=missing.still_open)
        return await _add(connection, newest, period, 1, known_at, contents, signing)


async def restate(
    connection: AsyncConnection, period: Period, signing: Signing, *, reason: str = ""
) -> Restated:
    """Make a version with what came late, where that changes a figure of a closed period.

    Rows that were changed or removed are never taken over: they are told as faults, and so is a
    figure that changed without a cause. With a `reason`, which becomes part of the cause, they
    are. Raises NotFound for a period that is not closed, and what `close_period` raises.
    """
    now = datetime.now(UTC)
    async with alone(connection):
        newest = await _require_ready(connection, signing, now)
        closing = await read_version(connection, str(period))
        stored = (await read_document(connection, closing.number)).read()
        acts = await read_acts(connection, closing, period, await read_checked(connection, closing))
        if not acts and not reason and not await _totals_moved(connection, closing, period, stored):
            return Restated()
        known_at = await await_writers(connection)
        async with _one_view(connection):
            (await read_missing(connection, period)).require_none(period, despite=True)
            figures = await read_figures(connection, period, signing.schemes, known_at)
            compared = await compare_rows(connection, closing, period, stored["rows"])
            rows = await read_digests(connection, period, known_at, TABLES)
        told = plain(figures)
        if not reason and any(told[what] != stored["figures"][what] for what in VERSIONED):
            if compared.late:
                return Restated(faults=(_OTHER_VERSIONS,))
            await note_checked(connection, closing.number, known_at)
            return Restated()
        differences = changes(stored["figures"], told)
        cause = _cause(acts, compared, reason)
        if not reason and (compared.faults or (differences and not cause)):
            return Restated(faults=compared.faults or ("figures changed without a cause",))
        if not differences:
            await note_checked(connection, closing.number, known_at)
            return Restated()
        contents = Contents(
            figures=figures, rows=as_members(rows), cause=cause, changes=differences
        )
        made = await _add(
            connection, newest, period, closing.version + 1, known_at, contents, signing
        )
        return Restated(closing=made)


async def compare_rows(
    connection: AsyncConnection,
    closing: Closing,
    period: Period,
    stored: Sequence[Mapping[str, Any]],
) -> Compared:
    """Return what became of the rows behind a closing."""
    found = await read_digests(connection, period, closing.known_at, TABLES)
    return compare(stored, found, await read_horizon(connection))


async def hand_over(
    connection: AsyncConnection, former: SigningKey | None, key: SigningKey, by: Entry, reason: str
) -> KeyRecord:
    """Make `key` the one that signs from now on; a `former` that is lost is None, for a `reason`.

    In the caller's transaction. Raises Conflict where there is no key yet, and ConfigurationError
    where `former` is not the one in use.
    """
    keys = await read_keys(connection)
    if not keys:
        raise Conflict("nothing has been closed yet: set MOTCUA_CLOSING_KEY to the new key")
    if former is not None:
        _require_in_use(former, keys)
    number, since = keys[-1].number + 1, datetime.now(UTC)
    signature = None
    if former is not None:
        signature = former.hand_over(key.public_key, number, since)
    made = KeyRecord(
        number=number,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        since=since,
        signature=signature,
        reason=reason,
    )
    await add_key(connection, made)
    details = {"former": keys[-1].fingerprint, "lost": former is None, "reason": reason}
    await record(
        connection,
        replace(by, action=Action.CLOSING_KEY_REPLACED, subject=key.fingerprint, details=details),
    )
    newest = await read_newest(connection)
    if newest is not None:
        key.note(Newest(number=newest.number, seal=newest.seal))
    return made


@asynccontextmanager
async def _one_view(connection: AsyncConnection) -> AsyncIterator[None]:
    """Let everything be read as of one moment."""
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    try:
        async with connection.transaction():
            yield
    finally:
        if not connection.closed:
            await connection.set_isolation_level(None)


async def _require_ready(
    connection: AsyncConnection, signing: Signing, now: datetime
) -> Closing | None:
    """Return the newest closing; raise where the clock, the database or the key is not its."""
    newest = await read_newest(connection)
    require_forward(newest, now)
    signed = signing.key.newest
    if signed is not None and signed.number:
        made = next(
            (each for each in await read_closings(connection) if each.number == signed.number), None
        )
        if made is None or made.seal != signed.seal:
            raise Conflict(
                f"closing {signed.number} was signed with this key and is not in this database: "
                "an older backup was restored, or it is another database; see `motcua closing "
                "resume`"
            )
    keys = await read_keys(connection)
    if keys:
        _require_in_use(signing.key, keys)
    return newest


def _require_in_use(key: SigningKey, keys: Sequence[KeyRecord]) -> None:
    if keys[-1].fingerprint != key.fingerprint:
        raise ConfigurationError(
            f"the key in {key.file} ({key.fingerprint}) is not the one in use "
            f"({keys[-1].fingerprint}): name that one, or hand over by `motcua closing key replace`"
        )


async def _totals_moved(
    connection: AsyncConnection, closing: Closing, period: Period, stored: Mapping[str, Any]
) -> bool:
    """Return whether stored totals are not those that were closed: what is late moves them."""
    async with connection.transaction():
        found = await read_digests(connection, period, closing.known_at, TOTALS)
    was = [row for row in stored["rows"] if row["table"] in TOTALS]
    return as_members(found) != was


def _cause(acts: Mapping[str, Any], compared: Compared, reason: str) -> dict[str, Any]:
    cause: dict[str, Any] = dict(acts)
    if compared.late:
        cause["rows"] = late_rows(compared.late)
    if reason:
        cause["reason"] = reason
        if compared.faults:
            cause["faults"] = list(compared.faults)
    return cause


async def _add(
    connection: AsyncConnection,
    newest: Closing | None,
    period: Period,
    version: int,
    known_at: datetime,
    contents: Contents,
    signing: Signing,
) -> Closing:
    """Add a version to the chain with its entry and its link in the audit log."""
    made: Document = document(period, version, known_at, contents)
    async with connection.transaction():
        if not await read_keys(connection):
            await add_key(connection, _first(signing.key, known_at))
        number, link = await newest_link(connection)
        closing = _signed(newest, period, version, known_at, contents, made, signing, number, link)
        await add_closing(connection, closing, made)
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


def _first(key: SigningKey, since: datetime) -> KeyRecord:
    return KeyRecord(
        number=1,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        since=since,
        signature=None,
        reason="",
    )
