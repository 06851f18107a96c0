"""How long closing the last quarter takes, part by part: figures, digests, the document.

`python -m tests.bench.closing postgresql://...` reads a loaded province in one view that is rolled
back: nothing is closed. With `kept` after it the months of cases are kept first, as the worker does
every ten minutes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from psycopg import AsyncConnection

from server.closing.documents import Contents, document
from server.closing.figures import read_figures
from server.closing.rows import TABLES, as_members, read_digests
from server.closing.views import both, readers_beside
from server.db.connection import session_conninfo
from server.options import MATRIX_THREADS, use_one_thread_for_matrices
from server.periods import Period, Step, today
from server.rankings.kept import Wanted, keep_months
from server.rankings.measures import MEASURES
from server.schemes.library import SchemeSettings, load_schemes

T = TypeVar("T")

MOST_S = 30.0
"""A quarter of 113 units."""


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block took."""
    started_s = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - started_s:.1f} s")


async def timed_work(what: str, work: Coroutine[Any, Any, T]) -> T:
    """Do the work and print how long it took."""
    with timed(what):
        return await work


async def keep_cases(connection: AsyncConnection, quarter: Period) -> None:
    """Keep the quarter's months of cases, in a transaction that is rolled back."""
    assert quarter.first is not None
    assert quarter.end is not None
    for measured in MEASURES.values():
        for by in sorted(measured.by):
            wanted = Wanted(source=measured.source, by=by, first=quarter.first, end=quarter.end)
            await keep_months(connection, wanted)


async def measure(database_url: str, *, kept: bool) -> None:
    """Print the parts of closing the last quarter that is over."""
    now = datetime.now(UTC)
    quarter = Period.of(Step.QUARTER, today(now)).previous()
    schemes = load_schemes(SchemeSettings())
    async with await AsyncConnection.connect(session_conninfo(database_url)) as connection:
        if kept:
            with timed("cases kept before"):
                await keep_cases(connection, quarter)
        started_s = time.perf_counter()
        async with readers_beside(connection) as readers:
            with timed("figures and digests at once"):
                told, rows = await both(
                    timed_work(
                        "figures",
                        read_figures(connection, quarter, schemes, now, beside=readers.figures),
                    ),
                    timed_work("digests", read_digests(readers.rows, quarter, now, TABLES)),
                )
        with timed("document"):
            made = document(
                quarter, 1, now, Contents(told=told, rows=as_members(rows), still_open={})
            )
        await connection.rollback()
    took_s = time.perf_counter() - started_s
    met = "" if took_s <= MOST_S else "  MISSED"
    counted = sum(each.rows for each in rows)
    print(f"{quarter}, {counted:,} rows: {took_s:.1f} s, at most {MOST_S:g} s{met}")
    print(made.digest.hex())


def main() -> None:
    """Measure on the database that is named."""
    if MATRIX_THREADS not in os.environ:  # numpy is loaded already: begin anew as the worker begins
        use_one_thread_for_matrices()
        os.execv(sys.executable, [sys.executable, "-m", "tests.bench.closing", *sys.argv[1:]])
    url, *words = sys.argv[1:]
    asyncio.run(measure(url, kept=words == ["kept"]))


if __name__ == "__main__":
    main()
