"""Who is at a counter, from watch to kiosk: the camera's word, as long as it is fresh."""

from __future__ import annotations

import time
from collections.abc import Mapping
from uuid import UUID

import msgspec

from contract.messages import Presence
from edge.analytics.attendance import Attendance
from edge.store.outbox import Outbox

FRESH_S = 15.0
"""Watch repeats itself every 5 s; without a word for so long nobody knows who is there."""

CITIZEN_STAYS_S = 60.0
"""Who has left the counter's zone may stand at the kiosk, unseen."""


class _Row(msgspec.Struct, frozen=True):
    citizens: bool
    officer_side: bool
    visit: UUID | None
    citizens_until_s: float
    """Until when citizens were seen, in seconds of the monotonic clock."""


class AttendanceBoard:
    """Watch's side: writes what has changed, and everything again when it is asked to."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._written: dict[str, Attendance] = {}
        self._citizens_until_s: dict[str, float] = {}

    def write(self, attendances: Mapping[str, Attendance], *, again: bool = False) -> None:
        """Store who is there, by counter; raises StoreError."""
        now_s = time.monotonic()
        rows = []
        for counter, found in attendances.items():
            before = self._written.get(counter)
            # A camera that has just begun to look cannot say that nobody was there.
            if found.citizens or before is None or before.citizens:
                self._citizens_until_s[counter] = now_s
            if again or found != before:
                row = _Row(
                    citizens=found.citizens,
                    officer_side=found.officer_side,
                    visit=found.visit,
                    citizens_until_s=self._citizens_until_s[counter],
                )
                rows.append((counter, now_s, msgspec.json.encode(row)))
        if rows:
            self._outbox.write(
                lambda: [self._outbox.execute("put_attendance", *row) for row in rows] and None
            )
        self._written = dict(attendances)


def presence_at(outbox: Outbox, counter: str) -> tuple[Presence | None, UUID | None]:
    """Return whom the camera sees at `counter`, and the visit under way; None for what is unknown.

    Citizens count as present for `CITIZEN_STAYS_S` after they were seen.
    """
    now_s = time.monotonic()
    for written_s, payload in outbox.read("attendance", counter):
        row = msgspec.json.decode(payload, type=_Row)
        # Written before the last boot, or by a watch that has stopped, or is blind.
        if not 0 <= now_s - written_s <= FRESH_S:
            break
        if row.citizens or now_s - row.citizens_until_s <= CITIZEN_STAYS_S:
            return Presence.CITIZEN, row.visit
        side = Presence.OFFICER_SIDE if row.officer_side else Presence.NOBODY
        return side, row.visit
    return None, None
