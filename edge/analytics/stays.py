"""Stays: who is in which zone since when, across the gaps and mix-ups that trackers have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edge.analytics.expressions import TimedReading
from edge.analytics.zones import Point, Zone

REACH = 1.5
"""Two boxes are at the same place when their centres are less than this many box sizes apart."""

STANDS_WITHIN = 1.0
"""Who stands keeps within this many box sizes; a walker's head moves several of them a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One track in one frame, known `since` then. Point and sizes are shares of the frame."""

    track_id: int
    since: datetime
    point: Point
    width: float
    height: float
    zone: Zone | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Stay:
    """One person's stay in one zone; it is kept up to date until it ends."""

    zone: str
    counter: str | None = None
    track_id: int
    began_as: int
    started_at: datetime
    last_seen_at: datetime
    in_view_at: datetime
    place: Sighting
    still_at: Sighting
    still_since: datetime
    still_s: float = 0.0
    left_zone: bool = False
    confirmed: bool = False
    wait: Stay | None = None
    readings: list[TimedReading] = field(default_factory=list)
    abstained: int = 0

    @property
    def duration_s(self) -> float:
        """Seconds between the first and the last sighting."""
        return (self.last_seen_at - self.started_at).total_seconds()

    def has_stood(self, seconds: float) -> bool:
        """Return whether the person has once stood still for `seconds`: walkers by never do."""
        return self.still_s >= seconds

    def can_continue_as(self, sighting: Sighting, now: datetime, grace_s: float) -> bool:
        """Return whether the sighting's track can be this person, lost by the tracker.

        Its own track vanished on the spot and not long ago, the other began after that (who was
        seen beside this person is another one), and it is within reach.
        """
        age_s = (now - self.in_view_at).total_seconds()
        return (
            not self.left_zone
            and 0 < age_s <= grace_s
            and sighting.since > self.in_view_at
            and distance(self.place, sighting) < REACH
        )

    def update(self, sighting: Sighting, now: datetime) -> None:
        """Record that the person is there now, under whatever track number."""
        self.track_id = sighting.track_id
        self.last_seen_at = self.in_view_at = now
        self.place = sighting
        self.left_zone = False
        if distance(self.still_at, sighting) > STANDS_WITHIN:
            self.still_at, self.still_since = sighting, now
        self.still_s = max(self.still_s, (now - self.still_since).total_seconds())


def update_stays(
    stays: list[Stay],
    here: Sequence[Sighting],
    elsewhere: Collection[int],
    now: datetime,
    grace_s: float,
) -> list[Stay]:
    """Bring `stays` up to `now` and return those that began.

    `here` are the sightings in zones of these stays' kind, `elsewhere` the tracks seen in none.
    A new track at the place where another vanished within `grace_s` continues that stay: trackers
    lose people.
    """
    unknown = _continue_known(stays, here, now)
    _mark_left_zone(stays, {sighting.track_id for sighting in here} | set(elsewhere), now)
    began = []
    for sighting in _reassign_tracks(stays, unknown, now, grace_s):
        stay = _begin(sighting, now)
        stays.append(stay)
        began.append(stay)
    return began


def nearest_lost(
    stays: Sequence[Stay], sighting: Sighting, now: datetime, grace_s: float
) -> Stay | None:
    """Return the lost stay nearest to `sighting` and within its reach, None without one."""
    lost = [stay for stay in stays if stay.can_continue_as(sighting, now, grace_s)]
    return min(lost, key=lambda stay: distance(stay.place, sighting), default=None)


def distance(one: Sighting, other: Sighting) -> float:
    """Return how far apart two centres are, in sizes of the larger box."""
    width = max(one.width, other.width, 1e-6)
    height = max(one.height, other.height, 1e-6)
    return max(
        abs(one.point[0] - other.point[0]) / width, abs(one.point[1] - other.point[1]) / height
    )


def _continue_known(stays: list[Stay], here: Sequence[Sighting], now: datetime) -> list[Sighting]:
    known = {(stay.track_id, stay.zone): stay for stay in stays}
    unknown = []
    for sighting in here:
        assert sighting.zone is not None
        stay = known.get((sighting.track_id, sighting.zone.name))
        if stay is None:
            unknown.append(sighting)
        else:
            stay.update(sighting, now)
    return unknown


def _mark_left_zone(stays: list[Stay], seen: Collection[int], now: datetime) -> None:
    for stay in stays:
        if stay.last_seen_at < now and stay.track_id in seen:
            stay.left_zone = True
            stay.in_view_at = now


def _reassign_tracks(
    stays: list[Stay], unknown: Sequence[Sighting], now: datetime, grace_s: float
) -> list[Sighting]:
    """Continue lost stays with the nearest unknown sightings; return the sightings left over."""
    pairs = sorted(
        (distance(stay.place, sighting), sighting.track_id, index)
        for sighting in unknown
        for index, stay in enumerate(stays)
        if _same_zone(stay, sighting) and stay.can_continue_as(sighting, now, grace_s)
    )
    left = {sighting.track_id: sighting for sighting in unknown}
    for _, track_id, index in pairs:
        if track_id in left and stays[index].last_seen_at < now:
            stays[index].update(left.pop(track_id), now)
    return list(left.values())


def _begin(sighting: Sighting, now: datetime) -> Stay:
    assert sighting.zone is not None
    return Stay(
        zone=sighting.zone.name,
        counter=sighting.zone.counter,
        track_id=sighting.track_id,
        began_as=sighting.track_id,
        started_at=now,
        last_seen_at=now,
        in_view_at=now,
        place=sighting,
        still_at=sighting,
        still_since=now,
    )


def _same_zone(stay: Stay, sighting: Sighting) -> bool:
    return sighting.zone is not None and sighting.zone.name == stay.zone
