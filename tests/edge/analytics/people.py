"""Sightings as tests write them: who is where at which second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edge.analytics.expressions import TimedReading
from edge.analytics.stays import Sighting
from edge.analytics.visits import EndedVisit, EndedWait, VisitDetector
from edge.analytics.zones import Zone, ZoneKind, zone_at
from edge.scene import ExpressionReading

START = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
ZONES = (
    Zone(name="counter", kind=ZoneKind.SERVICE, polygon=((0, 0.5), (0.8, 0.5), (0.8, 1), (0, 1))),
    Zone(name="bench", kind=ZoneKind.WAITING, polygon=((0, 0), (0.8, 0), (0.8, 0.5), (0, 0.5))),
)
COUNTER = (0.4, 0.75)
BENCH = (0.4, 0.25)
DOOR = (0.9, 0.5)


def at(second):
    return START + timedelta(seconds=second)


def seen(track_id, point, *, since=0, size=0.1):
    return Sighting(
        track_id=track_id,
        since=at(since),
        point=point,
        width=size,
        height=size,
        zone=zone_at(ZONES, point),
    )


def second_of(time):
    return round((time - START).total_seconds(), 3)


def timed(second, *, positive, negative=0.0, track_id=1):
    neutral = 1 - positive - negative
    reading = ExpressionReading(negative=negative, neutral=neutral, positive=positive)
    return TimedReading(at=at(second), track_id=track_id, reading=reading)


def play(*stretches, until, step_s=0.5, confirm_s=2.0, grace_s=3.0):
    """Run (track, point, first second, last second) stretches; return what ended, when it did."""
    visits = VisitDetector(confirm_s=confirm_s, grace_s=grace_s)
    since = {}
    for track, _, first, _ in stretches:
        since[track] = min(first, since.get(track, first))
    ended = []
    for tick in range(round(until / step_s) + 1):
        second = tick * step_s
        ended += visits.update(
            at(second),
            [
                seen(track, point, since=since[track])
                for track, point, first, last in stretches
                if first <= second <= last
            ],
        )
    return ended, visits


def visits_of(ended):
    """Return (first second, last second, waited seconds) of the visits."""
    return [
        (second_of(v.started_at), second_of(v.ended_at), v.wait_s)
        for v in ended
        if isinstance(v, EndedVisit)
    ]


def waits_of(ended):
    """Return (first second, last second, outcome) of the waits."""
    return [
        (second_of(w.started_at), second_of(w.ended_at), str(w.outcome))
        for w in ended
        if isinstance(w, EndedWait)
    ]
