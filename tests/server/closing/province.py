"""Four units with a month of messages and dossiers, and a key to close it with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from psycopg import AsyncConnection

from server.audit.commands import command_entry
from server.audit.entries import Action
from server.closing.keys import SigningKey, make_key
from server.closing.signing import Signing
from server.closing.verification import Findings, verify_closings
from server.closing.views import one_view
from server.db.connection import async_session
from server.periods import Period
from server.schemes.library import SchemeSettings, load_schemes
from tests import coroutines
from tests.server import build
from tests.server.access.office import FOREIGN, OWN
from tests.server.asking import store
from tests.server.schemes.province import execute, fill

T = TypeVar("T")

AT = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
OCTOBER = Period.parse("2026-10", AT)
SCHEMES = load_schemes(SchemeSettings())
RATINGS = 40
"""In each of two units."""


def furnish(database_url: str, folder: Path) -> None:
    """Store units, dossiers, and on 5 and 6 October visits, waits and ratings of two units."""
    fill(database_url, folder)
    for unit in (OWN, FOREIGN):
        place = replace(build.HERE, unit=unit)
        times = [AT + timedelta(hours=24 * (n % 2), seconds=100 * n) for n in range(RATINGS)]
        messages = [
            (made, place)
            for n, at in enumerate(times)
            for made in (
                build.visit(at),
                build.wait(at, wait_s=60.0 * n),
                build.rating(at + timedelta(seconds=30), 1 if n < 10 else 5, address=place),
            )
        ]
        store(database_url, *messages)
    settle_counting(database_url)


def settle_counting(database_url: str) -> None:
    """Let nothing wait to be counted anew: attribution and links are not what is tested here."""
    for table in ("dirty_hour", "link_due", "link_due_by_dossier", "dossier_stale"):
        execute(database_url, f"DELETE FROM {table}")  # type: ignore[arg-type]


def signing(key: SigningKey | Path) -> Signing:
    """Return what a test closes with; of a path a new key in it."""
    opened = make_key(key) if isinstance(key, Path) else key
    return Signing(key=opened, schemes=SCHEMES, by=command_entry(Action.PERIOD_CLOSED))


def on(database_url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Return what `work` returns, on a connection that commits by itself."""

    async def run() -> T:
        async with async_session(database_url) as connection:
            return await work(connection)

    return coroutines.run(run())


def verified(database_url: str, **given: tuple[int, bytes]) -> Findings:
    """Return what verifying finds."""

    async def work(connection: AsyncConnection) -> Findings:
        async with one_view(connection) as readers:
            return await verify_closings(connection, readers, SCHEMES, **given)

    return on(database_url, work)
