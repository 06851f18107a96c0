"""Restates closed periods: a version with what came late, and why it differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from server.closing.checks import late_rows, read_acts, read_missing
from server.closing.closings import Closing
from server.closing.comparison import anew, is_beside
from server.closing.documents import Contents, changes
from server.closing.editions import edition_of
from server.closing.figures import VERSIONED
from server.closing.rows import (
    TOTALS,
    Compared,
    as_members,
    await_writers,
    compare_rows,
    read_digests,
)
from server.closing.signing import Signing, require_ready
from server.closing.store import (
    alone,
    note_checked,
    read_checked,
    read_document,
    read_parts,
    read_version,
)
from server.closing.versions import add_version, read_all
from server.closing.views import one_view
from server.periods import Period

_OTHER_VERSIONS = (
    "KPIs or schemes have another version than when it was closed: what came late is taken over by "
    "`motcua closing restate --reason`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """What looking at a closed period found: a new version, or what forbids one."""

    closing: Closing | None = None
    faults: tuple[str, ...] = ()


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
        newest = await require_ready(connection, signing, now)
        closing = await read_version(connection, str(period))
        stored = (await read_document(connection, closing.number)).read()
        checked = await read_checked(connection, closing)
        acts = await read_acts(connection, closing, period, checked)
        acts |= await _edition_before(connection, period, stored, checked)
        if not acts and not reason and not await _totals_moved(connection, closing, period, stored):
            return Restated()
        known_at = await await_writers(connection)
        async with one_view(connection) as readers:
            (await read_missing(connection, period)).require_none(period, despite=True)
            found, rows = await read_all(connection, readers, period, signing.schemes, known_at)
            compared = await compare_rows(connection, readers.rows, closing, stored["rows"])
        signed = await read_parts(connection, closing.number)
        moving = bool(reason or "before" in acts)
        told = anew(found, stored, signed, moving=moving).figures
        if not reason and any(told[what] != stored["figures"][what] for what in VERSIONED):
            if compared.late:
                return Restated(faults=(_OTHER_VERSIONS,))
            await note_checked(connection, closing.number, known_at)
            return Restated()
        differences = changes(stored["figures"], told)
        if differences and not moving:
            # A new version tells all anew, changes since the period before too.
            told = anew(found, stored, signed, moving=True).figures
            differences = changes(stored["figures"], told)
        cause = _cause(acts, compared, reason)
        if not reason and (compared.faults or (differences and not cause)):
            return Restated(faults=compared.faults or ("figures changed without a cause",))
        if not differences:
            await note_checked(connection, closing.number, known_at)
            return Restated()
        contents = Contents(told=found, rows=as_members(rows), cause=cause, changes=differences)
        made = await add_version(
            connection, newest, period, closing.version + 1, known_at, contents, signing
        )
        return Restated(closing=made)


async def _edition_before(
    connection: AsyncConnection, period: Period, stored: Mapping[str, Any], since: datetime
) -> dict[str, Any]:
    """Return that the period before was closed or restated since, beside which changes are told."""
    before = await edition_of(connection, period.previous())
    if before is None or "before" not in stored or is_beside(before, stored):
        return {}
    if before.closed_at <= since:
        return {}
    return {"before": {"period": before.period, "version": before.version}}


async def _totals_moved(
    connection: AsyncConnection, closing: Closing, period: Period, stored: Mapping[str, Any]
) -> bool:
    """Return whether stored totals are not those that were closed: what is late moves them."""
    async with one_view(connection) as readers:
        found = await read_digests(readers.rows, period, closing.known_at, tuple(TOTALS))
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
