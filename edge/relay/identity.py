"""Recognises another unit that has this one's identity: it speaks on this one's health topic."""

from __future__ import annotations

import math
from datetime import datetime
from uuid import UUID

from contract.messages import Health, ReportedProblem
from contract.problems import ProblemCode, report

SHARED_AFTER = 2
"""So many foreign messages since we spoke: one may be the last will of our own run before this."""

SHARED_FOR_S = 600.0
"""For this long after the last of them; the two take turns of half a minute."""


class IdentityWatch:
    """What the relay hears on its own health topic; `now_s` is of the monotonic clock.

    The broker keeps the newest message there. One of another run that is newer than our first can
    only come from somebody who speaks as us while we run; older ones a broker may have kept on its
    disk.
    """

    def __init__(self, device: str, run: UUID) -> None:
        self.run = run
        self._device = device
        self._spoken_at: datetime | None = None
        self._foreign: set[UUID] = set()
        self._address = ""
        self._heard_s = -math.inf

    def note_spoken(self, now: datetime) -> None:
        """Take note that this run has sent its health."""
        self._spoken_at = self._spoken_at or now

    def note_heard(self, health: Health, now_s: float) -> None:
        """Take note of a message on our own topic; our own come back, too."""
        if health.run in (None, self.run):
            return
        if self._spoken_at is None or health.observed_at <= self._spoken_at:
            return
        if now_s - self._heard_s > SHARED_FOR_S:
            self._foreign.clear()
        if len(self._foreign) < SHARED_AFTER:
            self._foreign.add(health.id)
        self._address = health.local_address or self._address
        self._heard_s = now_s

    def problem(self, now_s: float) -> ReportedProblem | None:
        """Return that the identity is shared, None while it is ours alone."""
        if len(self._foreign) < SHARED_AFTER or now_s - self._heard_s > SHARED_FOR_S:
            return None
        return report(
            ProblemCode.IDENTITY_SHARED, device=self._device, addresses=self._address or "?"
        )
