"""Visits and waits: a state machine over sightings; time comes from the frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from contract.messages import WaitOutcome
from edge.analytics.expressions import TimedReading
from edge.analytics.stays import Sighting, Stay, nearest_lost, update_stays
from edge.analytics.zones import ZoneKind

LONGEST_STAY_S = 4 * 3600.0
"""A longer stay is cut: a poster with a face would never leave, and memory must stay bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedVisit:
    """A stay in a service zone that is over; `wait_s` is None when no wait was seen before it."""

    zone: str
    track_id: int
    started_at: datetime
    ended_at: datetime
    wait_s: float | None
    readings: tuple[TimedReading, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedWait:
    """A stay in a waiting zone that is over."""

    zone: str
    track_id: int
    started_at: datetime
    ended_at: datetime
    outcome: WaitOutcome


Ended: TypeAlias = EndedVisit | EndedWait


class VisitDetector:
    """Turns sightings into ended visits and waits.

    A visit begins when someone has been in a service zone for `confirm_s`, counted from the first
    sighting there; it ends at the last sighting once they have been out of it for `grace_s`.
    A wait is served when a visit of the same person is confirmed, and left when they are gone.
    """

    def __init__(self, *, confirm_s: float, grace_s: float) -> None:
        self._confirm_s = confirm_s
        self._grace_s = grace_s
        self._services: list[Stay] = []
        self._waits: list[Stay] = []

    def update(self, now: datetime, sightings: Sequence[Sighting]) -> list[Ended]:
        """Take everyone in view at `now` (outside masks) and return what has ended."""
        self._update_kind(ZoneKind.WAITING, self._waits, sightings, now)
        for visit in self._update_kind(ZoneKind.SERVICE, self._services, sightings, now):
            visit.wait = self._wait_before(visit, now)
        return [*self._confirm(), *self._end_visits(now), *self._end_waits(now)]

    def read(self, timed: TimedReading) -> None:
        """Attach an expression reading to its person's visit, if there is one."""
        for stay in self._services:
            if stay.track_id == timed.track_id and stay.last_seen_at == timed.at:
                stay.readings.append(timed)

    def interrupt(self) -> list[Ended]:
        """End all visits, incomplete unless the person was seen to leave; drop the waits."""
        ended = [_visit(s, complete=s.left_zone) for s in self._services if s.confirmed]
        self._services.clear()
        self._waits.clear()
        return list(ended)

    def _update_kind(
        self, kind: ZoneKind, stays: list[Stay], sightings: Sequence[Sighting], now: datetime
    ) -> list[Stay]:
        here = [s for s in sightings if s.zone is not None and s.zone.kind is kind]
        inside = {sighting.track_id for sighting in here}
        elsewhere = {s.track_id for s in sightings} - inside
        return update_stays(stays, here, elsewhere, now, self._grace_s)

    def _wait_before(self, visit: Stay, now: datetime) -> Stay | None:
        """Return the wait of who has just stepped up: the same track, or one lost nearby."""
        taken = {id(stay.wait) for stay in self._services}
        free = [wait for wait in self._waits if id(wait) not in taken]
        same = [wait for wait in free if wait.track_id == visit.track_id]
        return same[0] if same else nearest_lost(free, visit.place, now, self._grace_s)

    def _confirm(self) -> list[Ended]:
        """Confirm stays that have lasted; their waits are served."""
        ended: list[Ended] = []
        for stay in self._services:
            if stay.confirmed or stay.duration_s < self._confirm_s:
                continue
            stay.confirmed = True
            if stay.wait is not None:
                ended.append(_wait(stay.wait, WaitOutcome.SERVED))
                self._waits.remove(stay.wait)
        return ended

    def _end_visits(self, now: datetime) -> list[Ended]:
        over = [stay for stay in self._services if self._is_over(stay, stay.last_seen_at, now)]
        self._services = [stay for stay in self._services if stay not in over]
        return [
            _visit(stay, complete=stay.duration_s < LONGEST_STAY_S)
            for stay in over
            if stay.confirmed
        ]

    def _end_waits(self, now: datetime) -> list[Ended]:
        stepping_up = [stay.wait for stay in self._services if not stay.confirmed]
        over = [
            wait
            for wait in self._waits
            if wait not in stepping_up and self._is_over(wait, wait.in_view_at, now)
        ]
        self._waits = [wait for wait in self._waits if wait not in over]
        return [
            _wait(wait, WaitOutcome.LEFT)
            for wait in over
            if self._confirm_s <= wait.duration_s < LONGEST_STAY_S
        ]

    def _is_over(self, stay: Stay, seen_at: datetime, now: datetime) -> bool:
        gone = (now - seen_at).total_seconds() > self._grace_s
        return gone or stay.duration_s >= LONGEST_STAY_S


def _visit(stay: Stay, *, complete: bool) -> EndedVisit:
    return EndedVisit(
        zone=stay.zone,
        track_id=stay.track_id,
        started_at=stay.started_at,
        ended_at=stay.last_seen_at,
        wait_s=None if stay.wait is None else stay.wait.duration_s,
        readings=tuple(stay.readings),
        complete=complete,
    )


def _wait(stay: Stay, outcome: WaitOutcome) -> EndedWait:
    return EndedWait(
        zone=stay.zone,
        track_id=stay.track_id,
        started_at=stay.started_at,
        ended_at=stay.last_seen_at,
        outcome=outcome,
    )
