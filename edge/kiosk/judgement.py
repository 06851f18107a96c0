"""What the unit itself doubts of a rating: `runtime.suspicion` on what it has stored."""

from __future__ import annotations

from collections.abc import Sequence

from contract.messages import Rating, Suspicion
from runtime.suspicion import HOURS_MARGIN, Tap, suspicions
from runtime.weekly_hours import WeeklyHours

LOOKED_AT = 60
"""Ratings and amendments before this one; what lies further back no rule reaches."""


def doubts(
    rating: Rating, recent: Sequence[Rating], hours: WeeklyHours | None
) -> tuple[Suspicion, ...]:
    """Return why `rating` is doubtful, given those stored before it, newest first."""
    withdrawn = {other.amends for other in recent if other.withdrawn}
    before = [
        other
        for other in recent
        if other.amends is None
        and other.id not in withdrawn
        and other.id != rating.id
        and other.counter == rating.counter
        and other.observed_at <= rating.observed_at
    ]
    repeated = rating.visit is not None and any(other.visit == rating.visit for other in before)
    is_open = None if hours is None else lambda at: hours.is_open(at, HOURS_MARGIN)
    found = suspicions([*map(_tap, before), _tap(rating, repeated=repeated)], is_open)
    return tuple(sorted(found[rating.id]))


def _tap(rating: Rating, *, repeated: bool = False) -> Tap:
    return Tap(
        id=rating.id,
        at=rating.observed_at,
        presence=rating.presence,
        held_s=rating.held_s,
        repeated=repeated,
    )
