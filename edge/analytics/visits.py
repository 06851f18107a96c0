"""Visits and waits: a state machine over sightings; time comes from the frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from contract.messages import WaitOutcome
from edge.analytics.expressions import TimedReading
from edge.analytics.parties import PartyCollector
from edge.analytics.stays import Sighting, Stay, nearest_lost, update_stays
from edge.analytics.zones import ZoneKind

LONGEST_STAY_S = 4 * 3600.0
"""A longer stay is cut: a poster with a face would never leave, and memory must stay bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedVisit:
    """A party's stay in a service zone that is over.

    `track_id` and `readings` are those of who came first, `began_as` is the track they had then;
    `companions` are the readings of each of the others; `abstained` counts the faces of the first
    that could not be read. `wait_s` is the longest wait among them, None when none was seen.
    `counter` is None for the device's own.
    """

    zone: str
    track_id: int
    started_at: datetime
    ended_at: datetime
    wait_s: float | None
    readings: tuple[TimedReading, ...]
    complete: bool
    counter: str | None = None
    began_as: int | None = None
    party_size: int = 1
    companions: tuple[tuple[TimedReading, ...], ...] = ()
    abstained: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunVisit:
    """What is known of a visit as soon as it has begun, and stays the same until it is over."""

    zone: str
    began_as: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedWait:
    """A stay in a waiting zone that is over."""

    zone: str
    track_id: int
    started_at: datetime
    ended_at: datetime
    outcome: WaitOutcome
    counter: str | None = None


Ended: TypeAlias = EndedVisit | EndedWait


class VisitDetector:
    """Turns sightings into ended visits and waits.

    A visit is confirmed when someone has stood still in a service zone for `confirm_s`: who walks
    through never does. It counts from the first sighting there, and ends at the last one once they
    have been out of the zone for `grace_s`. Who came together has one visit. A wait is served when
    a visit of the same person is confirmed, and left when they are gone; who has been served does
    not wait again, be it on the way out or between two counters that share the work.
    """

    def __init__(self, *, confirm_s: float, grace_s: float) -> None:
        self._confirm_s = confirm_s
        self._grace_s = grace_s
        self._services: list[Stay] = []
        self._waits: list[Stay] = []
        self._parties = PartyCollector()
        self._served: dict[int, datetime] = {}
        self._arrived: list[str | None] = []

    @property
    def waiting(self) -> Sequence[Stay]:
        """The waits that are not over, those included that may be: they tell until when by now."""
        return tuple(self._waits)

    @property
    def serving(self) -> set[str | None]:
        """The counters at which a visit is under way, None for the device's own."""
        return {stay.counter for stay in self._services if stay.confirmed}

    def under_way(self) -> Mapping[str | None, BegunVisit]:
        """Return by counter, None for the device's own, the visit that began first of those now."""
        confirmed = [stay for stay in self._services if stay.confirmed]
        first: dict[str | None, BegunVisit] = {}
        parties = self._parties.under_way(confirmed)
        for stay in sorted(parties, key=lambda stay: (stay.started_at, stay.began_as)):
            first.setdefault(
                stay.counter,
                BegunVisit(zone=stay.zone, began_as=stay.began_as, started_at=stay.started_at),
            )
        return first

    def take_arrivals(self) -> Sequence[str | None]:
        """Return the counters at which people have arrived since the last call."""
        arrived, self._arrived = self._arrived, []
        return arrived

    def update(self, now: datetime, sightings: Sequence[Sighting]) -> list[Ended]:
        """Take everyone in view at `now` (outside masks) and return what has ended."""
        sightings = self._without_served(sightings, now)
        self._update_kind(ZoneKind.WAITING, self._waits, sightings, now)
        self._confirm_waits()
        for visit in self._update_kind(ZoneKind.SERVICE, self._services, sightings, now):
            visit.wait = self._wait_before(visit, now)
        return [*self._confirm(), *self._end_visits(now), *self._end_waits(now)]

    def read(self, timed: TimedReading) -> None:
        """Attach an expression reading to its person's visit, if there is one."""
        for stay in self._services:
            if stay.track_id == timed.track_id and stay.last_seen_at == timed.at:
                stay.readings.append(timed)

    def abstain(self, track_id: int, now: datetime) -> None:
        """Record that the face of that track could not be read."""
        for stay in self._services:
            if stay.track_id == track_id and stay.last_seen_at == now:
                stay.abstained += 1

    def interrupt(self) -> list[Ended]:
        """End all visits, incomplete unless everyone was seen to leave; drop the waits."""
        cut = [stay for stay in self._services if stay.confirmed]
        staying = [stay for stay in cut if not stay.left_zone]
        self._services.clear()
        self._waits.clear()
        self._served.clear()
        return [
            _visit(party, complete=not any(stay in staying for stay in party))
            for party in self._parties.flush(cut, staying)
        ]

    def _without_served(self, sightings: Sequence[Sighting], now: datetime) -> list[Sighting]:
        """Return the sightings, outside of all zones where someone served is in a waiting zone."""
        for sighting in sightings:
            if sighting.track_id in self._served:
                self._served[sighting.track_id] = now
        self._served = _seen_within(self._served, now, self._grace_s)
        return [
            replace(sighting, zone=None)
            if sighting.track_id in self._served
            and sighting.zone is not None
            and sighting.zone.kind is ZoneKind.WAITING
            else sighting
            for sighting in sightings
        ]

    def _confirm_waits(self) -> None:
        for wait in self._waits:
            if not wait.confirmed and wait.has_stood(self._confirm_s):
                wait.confirmed = True
                self._arrived.append(wait.counter)

    def _update_kind(
        self, kind: ZoneKind, stays: list[Stay], sightings: Sequence[Sighting], now: datetime
    ) -> list[Stay]:
        here = [s for s in sightings if s.zone is not None and s.zone.kind is kind]
        inside = {sighting.track_id for sighting in here}
        elsewhere = {s.track_id for s in sightings} - inside
        return update_stays(stays, here, elsewhere, now, self._grace_s)

    def _wait_before(self, visit: Stay, now: datetime) -> Stay | None:
        """Return the wait of who has just stepped up: the same track, or one lost nearby."""
        for other in self._services:  # on the way they crossed another counter's zone
            crossed = other is not visit and other.track_id == visit.track_id
            wait = other.wait
            if crossed and wait is not None and not other.confirmed:
                other.wait = None
                return wait
        taken = {id(stay.wait) for stay in self._services}
        free = [wait for wait in self._waits if id(wait) not in taken]
        same = [wait for wait in free if wait.track_id == visit.track_id]
        return same[0] if same else nearest_lost(free, visit.place, now, self._grace_s)

    def _confirm(self) -> list[Ended]:
        """Confirm stays that have lasted; their waits are served."""
        ended: list[Ended] = []
        for stay in self._services:
            if stay.confirmed or not stay.has_stood(self._confirm_s):
                continue
            stay.confirmed = True
            if stay.wait is not None:
                served = _wait(stay.wait, WaitOutcome.SERVED)
                ended.append(replace(served, counter=stay.counter))
                self._waits.remove(stay.wait)
            if stay.track_id not in self._served and not (stay.wait and stay.wait.confirmed):
                self._arrived.append(stay.counter)
            self._served[stay.track_id] = stay.last_seen_at
        return ended

    def _end_visits(self, now: datetime) -> list[Ended]:
        over = [stay for stay in self._services if self._is_over(stay, stay.last_seen_at, now)]
        self._services = [stay for stay in self._services if stay not in over]
        self._parties.add([stay for stay in over if stay.confirmed])
        return [
            _visit(party, complete=all(stay.duration_s < LONGEST_STAY_S for stay in party))
            for party in self._parties.take(self._services)
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
            if wait.confirmed and wait.duration_s < LONGEST_STAY_S
        ]

    def _is_over(self, stay: Stay, seen_at: datetime, now: datetime) -> bool:
        gone = (now - seen_at).total_seconds() > self._grace_s
        return gone or stay.duration_s >= LONGEST_STAY_S


def _visit(party: Sequence[Stay], *, complete: bool) -> EndedVisit:
    first, *others = party
    return EndedVisit(
        zone=first.zone,
        track_id=first.track_id,
        started_at=first.started_at,
        ended_at=max(stay.last_seen_at for stay in party),
        wait_s=max((stay.wait.duration_s for stay in party if stay.wait is not None), default=None),
        readings=tuple(first.readings),
        complete=complete,
        counter=first.counter,
        began_as=first.began_as,
        party_size=len(party),
        companions=tuple(tuple(stay.readings) for stay in others if stay.readings),
        abstained=first.abstained,
    )


def _wait(stay: Stay, outcome: WaitOutcome) -> EndedWait:
    return EndedWait(
        zone=stay.zone,
        track_id=stay.track_id,
        started_at=stay.started_at,
        ended_at=stay.last_seen_at,
        outcome=outcome,
        counter=stay.counter,
    )


def _seen_within(
    seen: Mapping[int, datetime], now: datetime, seconds: float
) -> dict[int, datetime]:
    return {track_id: at for track_id, at in seen.items() if (now - at).total_seconds() <= seconds}
