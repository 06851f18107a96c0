"""Who is at a counter now, as the kiosk has to know it: told steadily, not frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

STEADY = timedelta(seconds=3)
"""Detectors lose people for some frames: who was seen within this time is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Whether citizens, or people on the officer's side, are in view, and the visit under way."""

    citizens: bool = False
    officer_side: bool = False
    visit: UUID | None = None


class AttendanceWatch:
    """Remembers when people were last seen, on each side, in one camera's view."""

    def __init__(self) -> None:
        self._citizens_at: datetime | None = None
        self._officer_side_at: datetime | None = None

    def update(self, now: datetime, *, citizens: int, officer_side: int) -> None:
        """Take how many people are in view at `now`, and how many stand in masked areas."""
        if citizens:
            self._citizens_at = now
        if officer_side:
            self._officer_side_at = now

    def reset(self) -> None:
        """Forget what was seen: the camera does not see any more."""
        self._citizens_at = self._officer_side_at = None

    def attendance(self, now: datetime, visit: UUID | None) -> Attendance:
        """Return who is there at `now`; `visit` is the one under way at the counter."""
        return Attendance(
            citizens=_is_recent(self._citizens_at, now),
            officer_side=_is_recent(self._officer_side_at, now),
            visit=visit,
        )


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and timedelta(0) <= now - at <= STEADY
