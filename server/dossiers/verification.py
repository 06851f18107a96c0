"""Compares dossiers with their records and events, and their totals with the dossiers."""

from __future__ import annotations

from collections.abc import AsyncIterator

from psycopg import AsyncConnection

from runtime.sql import statements
from server.dossiers.rows import following
from server.dossiers.store import PAGE_ROWS, lock, recompute, stated

_SQL = statements("server.dossiers", "verification.sql")

_FIRST = ""


async def verify_states(connection: AsyncConnection, *, repair: bool) -> AsyncIterator[str]:
    """Yield a sentence for each dossier whose stored state is not that of its record and events.

    Page by page, each in its own transaction; with `repair` such states are written anew.
    """
    after = _FIRST
    while True:
        async with connection.transaction():
            await lock(connection)
            page = {"after": after, "limit": PAGE_ROWS}
            rows = await (await connection.execute(_SQL["page"], page)).fetchall()
            stored = {code: tuple(values) for code, *values in rows}
            right = {each.record.code: following(each) for each in await stated(connection, stored)}
            wrong = sorted(code for code in stored if stored[code] != right[code])
            if repair and wrong:
                await recompute(connection, wrong)
        for code in wrong:
            pairs = zip(stored[code], right[code], strict=True)
            told = ", ".join(f"{one} for {other}" for one, other in pairs if one != other)
            yield f"dossier {code}: {told}"
        if len(rows) < PAGE_ROWS:
            return
        after = rows[-1][0]


async def verify_totals(connection: AsyncConnection, *, repair: bool) -> tuple[str, ...]:
    """Return a sentence for each total that its dossiers do not give; `repair` counts anew."""
    async with connection.transaction():
        if repair:
            await lock(connection)
        found = [
            f"dossier_total of the {level} {day} at {unit} ({role}): "
            f"{' '.join(filter(None, (procedure, channel, officer)))} {stored} for {counted}"
            for level, role, unit, day, procedure, channel, officer, stored, counted in await (
                await connection.execute(_SQL["different_totals"])
            ).fetchall()
        ]
        found += [
            f"dossier_duration_monthly of {month} at {unit}, bin {bin_}: "
            f"{done} done, {lost} lost for {right_done} done, {right_lost} lost"
            for unit, month, bin_, done, lost, right_done, right_lost in await (
                await connection.execute(_SQL["different_durations"])
            ).fetchall()
        ]
        if repair and found:
            for name in ("forget_totals", "count_totals", "forget_durations", "count_durations"):
                await connection.execute(_SQL[name])
    return tuple(found)
