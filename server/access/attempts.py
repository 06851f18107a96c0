"""Slows down whoever guesses passwords, without locking out an office behind one address.

Failures count for a name from an address: others in the office, and the same person elsewhere, do
not notice. A name that is tried from many addresses is slowed a little everywhere, except where its
owner has signed in before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import AsyncConnection

from runtime.sql import statements
from server.errors import SignInPaused

_SQL = statements("server.access", "attempts.sql")

FREE = 5
"""Failures from one address after which each next one has to wait."""
FREE_ELSEWHERE = 20
"""Failures from all addresses after which strange ones have to wait."""
LONGEST_S = 60.0
LONGEST_ELSEWHERE_S = 10.0
QUIET = timedelta(minutes=15)
"""After so long without a failure, counting begins anew."""
KNOWN = timedelta(days=30)
"""An address from which the name signed in so long ago is its owner's."""

_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What failed lately for a name: here, and from all addresses."""

    here: int = 0
    here_at: datetime | None = None
    anywhere: int = 0
    anywhere_at: datetime | None = None
    known_here: bool = False

    def wait_s(self, now: datetime) -> float:
        """Return how long the next attempt has to wait, 0 when it need not."""
        waits = [_left(self.here - FREE, LONGEST_S, self.here_at, now)]
        if not self.known_here:
            over = self.anywhere - FREE_ELSEWHERE
            waits.append(_left(over, LONGEST_ELSEWHERE_S, self.anywhere_at, now))
        return max(waits)


async def require_patience(
    connection: AsyncConnection, name: str, address: str, now: datetime
) -> None:
    """Raise SignInPaused where the next attempt has to wait; the attempt itself does not count."""
    row = await (await connection.execute(_SQL["failures"], _of(name, address, now))).fetchone()
    assert row is not None
    here, here_at, anywhere, anywhere_at, known = row
    failures = Failures(
        here=here, here_at=here_at, anywhere=anywhere, anywhere_at=anywhere_at, known_here=known
    )
    wait_s = math.ceil(failures.wait_s(now))
    if wait_s > 0:
        raise SignInPaused(
            f"too many attempts failed; the next one is possible in {wait_s} s", wait_s=wait_s
        )


async def note_failure(connection: AsyncConnection, name: str, address: str, now: datetime) -> None:
    """Count an attempt that failed."""
    of = _of(name, address, now)
    await connection.execute(_SQL["note_failure"], of)
    await connection.execute(_SQL["purge_failures"], of)


async def forget_failures(
    connection: AsyncConnection, name: str, address: str, now: datetime
) -> None:
    """Forget what failed before an attempt was right."""
    await connection.execute(_SQL["forget_failures"], _of(name, address, now))


def _of(name: str, address: str, now: datetime) -> dict[str, object]:
    return {
        # A name that was typed may hold what the database cannot.
        "name": name.replace("\0", "")[:_LONGEST_NAME],
        "address": address,
        "now": now,
        "since": now - QUIET,
        "known_since": now - KNOWN,
    }


def _left(over: int, longest_s: float, last_at: datetime | None, now: datetime) -> float:
    """Return what is left of a pause that doubles with each failure."""
    if over < 0 or last_at is None:
        return 0.0
    pause_s = min(longest_s, 2.0 ** min(over, 10))
    # A clock that was set back must not make it longer.
    return min(pause_s, max(0.0, pause_s - (now - last_at).total_seconds()))
