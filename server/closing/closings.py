"""Closings as values: a version of a closed period, its seal, and the chain of them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from server.closing.canonical import canonical
from server.errors import Conflict, PeriodInvalid
from server.periods import Period, Step

START = b"\0" * 32
"""What the first closing is chained to."""

CLOSED = frozenset({Step.MONTH, Step.QUARTER, Step.YEAR})
"""What can be closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One version of a closed period, without its document.

    `known_at` is until when what had been received counts; `link` and `link_number` are the
    newest link of the audit log when it was made. `cause` and `changes` are of a restatement.
    """

    number: int
    period: str
    first_day: date
    end_day: date
    version: int
    closed_at: datetime
    known_at: datetime
    closed_by: str
    cause: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    digest: bytes
    link_number: int | None
    link: bytes | None
    previous: bytes
    seal: bytes
    key: str
    signature: bytes


def sealed(closing: Closing) -> bytes:
    """Return what the seal of a closing must be: of all that it says and of the one before."""
    said = {
        "number": closing.number,
        "period": closing.period,
        "days": [closing.first_day.isoformat(), closing.end_day.isoformat()],
        "version": closing.version,
        "closed_at": _written(closing.closed_at),
        "known_at": _written(closing.known_at),
        "closed_by": closing.closed_by,
        "document": closing.digest.hex(),
        "audit_link": None if closing.link is None else [closing.link_number, closing.link.hex()],
        "previous": closing.previous.hex(),
        "key": closing.key,
    }
    return hashlib.sha256(canonical(said)).digest()


def require_calendar(period: Period) -> None:
    """Raise PeriodInvalid for what is no month, quarter or year."""
    if period.step not in CLOSED:
        raise PeriodInvalid(f"{period} is no month, quarter or year: nothing else is closed")


def require_closable(period: Period, now: datetime) -> None:
    """Raise PeriodInvalid for what is no month, quarter or year, Conflict for one not over yet."""
    require_calendar(period)
    if not period.is_over(now):
        raise Conflict(f"{period} is not over: it can be closed from {period.end} on")


def require_forward(newest: Closing | None, now: datetime) -> None:
    """Raise Conflict where the clock stands before the newest closing: it was set back."""
    if newest is not None and now < newest.closed_at:
        raise Conflict(
            f"the clock says {_written(now)}, before closing {newest.number} of "
            f"{newest.period} was made ({_written(newest.closed_at)}): set the clock first"
        )


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
