"""From frames to messages: detect, track, place, read expressions, count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from contract.topics import STREAMS, Stream
from edge.analytics.attendance import Attendance, AttendanceWatch
from edge.analytics.expressions import TimedReading
from edge.analytics.messages import CameraMessage, make_message, visit_id
from edge.analytics.outlook import Outlook
from edge.analytics.people import Person, PersonAssociator
from edge.analytics.stays import Sighting
from edge.analytics.visits import EndedVisit, VisitDetector
from edge.analytics.windows import WindowAggregator
from edge.analytics.zones import Begin, Zone, ZoneKind, anchor, zone_at
from edge.scene import Box, Detector, ExpressionReader, Frame, Image, Track
from edge.settings import EdgeSettings
from edge.tracking import BodyTracker, Tracker
from edge.vision.stages import Stage, StageClock
from runtime.expected_wait import ExpectedWait

READ_AFTER = timedelta(seconds=1)
"""Faces in view for less are not read: they are passers-by, or the back of a head in the one
frame in which it looks like a face."""

LONGEST_GAP = timedelta(seconds=10)
"""A camera that gives nothing for that long is reported missing: so the clock was set forward."""

_WINDOW_S = STREAMS[Stream.OBSERVATION].period_s or 5.0


class Pipeline:
    """Takes frames in the order of their time and gives messages (`seq` 0, not yet stamped).

    Time comes from the frames alone: the same frames give the same messages. With `bodies`, people
    count in waiting zones and as present whose faces are not seen, and where a zone says so their
    visits begin without a face. Each counter that the zones name has windows of its own.
    """

    def __init__(
        self,
        *,
        settings: EdgeSettings,
        detector: Detector,
        expression: ExpressionReader | None,
        tracker: Tracker,
        bodies: BodyTracker | None = None,
        clock: StageClock | None = None,
    ) -> None:
        self._address = settings.device.address
        self._zones = tuple(zone.zone() for zone in settings.zones)
        self._detector = detector
        self._expression = expression
        self._tracker = tracker
        self._bodies = bodies
        self._people = PersonAssociator()
        self._clock = clock or StageClock()
        self._detect_every = settings.vision.detection_interval(settings.camera.fps)
        self._reading_pause = timedelta(seconds=1 / settings.vision.expression_per_s)
        self._confirm_s = settings.visits.confirm_s
        self._visits = VisitDetector(
            confirm_s=settings.visits.confirm_s, grace_s=settings.visits.grace_s
        )
        self._windows = {
            counter: WindowAggregator(
                window_s=_WINDOW_S,
                interval_s=self._detect_every / settings.camera.fps,
                counts_queue=ZoneKind.WAITING in self._kinds_at(counter),
                confirm_s=settings.visits.confirm_s,
                counter=counter,
            )
            for counter in self._counters()
        }
        self._outlook = Outlook(self._halls(), own=self._address.counter)
        self._attendance = AttendanceWatch()
        self._heads: list[Box] = []
        self._frames = 0
        self._last_at: datetime | None = None
        self._read_at: dict[int, datetime] = {}

    def step(self, frame: Frame) -> list[CameraMessage]:
        """Return the messages that are due at `frame`; a clock that was set interrupts first."""
        now = frame.captured_at
        messages = self.interrupt() if self._was_clock_set(now) else []
        self._last_at = now
        messages += self.tick(now)
        if self._frames % self._detect_every == 0:
            messages += self._analyse(frame.image, now)
        self._frames += 1
        return messages

    def tick(self, now: datetime) -> list[CameraMessage]:
        """Return the window that is due at `now` though no frame has come: missing, not zero."""
        return [
            make_message(self._address, ended)
            for window in self._windows.values()
            for ended in window.advance(now)
        ]

    @property
    def heads_in_view(self) -> Sequence[Box]:
        """Where heads were in the last frame that was looked at, in its pixels."""
        return self._heads

    @property
    def detect_every(self) -> int:
        """On every how many frames people are looked for."""
        return self._detect_every

    @detect_every.setter
    def detect_every(self, frames: int) -> None:
        self._detect_every = frames

    def interrupt(self) -> list[CameraMessage]:
        """Return the visits that are cut short because nobody can be followed any more."""
        self._tracker.reset()
        self._people.reset()
        if self._bodies is not None:
            self._bodies.reset()
        self._read_at.clear()
        self._heads = []
        self._attendance.reset()
        self._last_at = None
        return [make_message(self._address, ended) for ended in self._visits.interrupt()]

    def close(self) -> list[CameraMessage]:
        """Return what is still open: visits as incomplete, and the window so far."""
        cut_short = self.interrupt()
        ended = [ended for window in self._windows.values() for ended in window.flush()]
        return [*cut_short, *(make_message(self._address, one) for one in ended)]

    def expected_waits(self) -> dict[str, ExpectedWait]:
        """Return, by counter, what somebody who joins its queue now has to expect."""
        if self._last_at is None:
            return {}
        own, confirm_s = self._address.counter, self._confirm_s
        waiting = [
            stay.counter or own
            for stay in self._visits.waiting
            if stay.has_stood(confirm_s) and not stay.left_zone
        ]
        return self._outlook.expect(
            self._last_at,
            {counter: waiting.count(counter) for counter in self._windows},
            {counter or own for counter in self._visits.serving},
        )

    def attendances(self) -> dict[str, Attendance]:
        """Return by counter who is there; empty before the first frame and while blind."""
        if self._last_at is None:
            return {}
        begun = self._visits.under_way()
        visits = {
            counter or self._address.counter: visit_id(self._address, visit)
            for counter, visit in begun.items()
        }
        return {
            counter: self._attendance.attendance(self._last_at, visits.get(counter))
            for counter in self._windows
        }

    def _halls(self) -> dict[str, list[str]]:
        """Return the counters with a waiting zone, each with those that serve who waits there.

        Counters without a waiting zone of their own serve the first one's.
        """
        seen = [c for c in self._windows if ZoneKind.WAITING in self._kinds_at(c)]
        unseen = [c for c in self._windows if c not in seen]
        return {c: [c, *unseen] if c == seen[0] else [c] for c in seen}

    def _counters(self) -> list[str]:
        """Return the counters that the zones name, the device's own first; it alone without any."""
        own = self._address.counter
        named = {zone.counter or own for zone in self._zones if zone.kind is not ZoneKind.MASK}
        return sorted(named or {own}, key=lambda counter: (counter != own, counter))

    def _kinds_at(self, counter: str) -> set[ZoneKind]:
        return {z.kind for z in self._zones if (z.counter or self._address.counter) == counter}

    def _counter_of(self, zone: Zone | None) -> str:
        """Return where someone in `zone` counts; outside of all zones at the first counter."""
        if zone is None:
            return next(iter(self._windows))
        return zone.counter or self._address.counter

    def _was_clock_set(self, now: datetime) -> bool:
        last = self._last_at
        return last is not None and not last < now <= last + LONGEST_GAP

    def _analyse(self, image: Image, now: datetime) -> list[CameraMessage]:
        people = self._find_people(image, now)
        self._heads = [person.head for person in people]
        height_px, width_px = image.shape[:2]
        sightings = {
            person.person_id: _sighting(person, self._zones, width_px, height_px)
            for person in people
            if not _is_masked(person, self._zones, width_px, height_px)
        }
        self._attendance.update(
            now, citizens=len(sightings), officer_side=len(people) - len(sightings)
        )
        ended = self._visits.update(now, list(sightings.values()))
        for one in ended:
            if isinstance(one, EndedVisit):
                self._outlook.note(one)
        self._count(now, list(sightings.values()))
        faces = [
            replace(person.face, track_id=person.person_id)
            for person in people
            if person.face is not None and person.person_id in sightings
        ]
        places = {number: self._counter_of(seen.zone) for number, seen in sightings.items()}
        self._read_expressions(image, faces, places, now)
        return [make_message(self._address, one) for one in ended]

    def _count(self, now: datetime, sightings: Sequence[Sighting]) -> None:
        own = self._address.counter
        waiting, arrived = self._visits.waiting, self._visits.take_arrivals()
        for counter, window in self._windows.items():
            window.count(
                now,
                waiting=[stay for stay in waiting if (stay.counter or own) == counter],
                people=sum(self._counter_of(sighting.zone) == counter for sighting in sightings),
                arrivals=sum((place or own) == counter for place in arrived),
            )

    def _find_people(self, image: Image, now: datetime) -> list[Person]:
        detections = self._detector.detect(image)
        with self._clock.measure(Stage.TRACK):
            faces = self._tracker.update(detections, now)
        bodies = [] if self._bodies is None else self._bodies.update(image, now)
        return self._people.update(now, faces, bodies)

    def _read_expressions(
        self, image: Image, tracks: Sequence[Track], places: Mapping[int, str], now: datetime
    ) -> None:
        """Read the faces that are due; one reading a frame would cost much and add nothing."""
        if self._expression is None:
            return
        due = [t for t in tracks if now >= self._read_at.get(t.track_id, t.since + READ_AFTER)]
        read_next = {track.track_id: now + self._reading_pause for track in due}
        in_view = {track.track_id for track in tracks}
        self._read_at = {
            track_id: at
            for track_id, at in {**self._read_at, **read_next}.items()
            if track_id in in_view
        }
        readings = self._expression.read(image, [track.detection for track in due]) if due else []
        for track, reading in zip(due, readings, strict=True):
            if reading is None:
                self._visits.abstain(track.track_id, now)
            else:
                timed = TimedReading(at=now, track_id=track.track_id, reading=reading)
                self._windows[places[track.track_id]].read(timed)
                self._visits.read(timed)


def _sighting(person: Person, zones: Sequence[Zone], width_px: int, height_px: int) -> Sighting:
    point = anchor(person.head, width_px, height_px)
    zone = zone_at(zones, point)
    needs_face = zone is not None and zone.kind is ZoneKind.SERVICE and zone.begin is Begin.FACE
    if needs_face and not person.face_seen:
        zone = None  # whoever walks past the counter has a body
    return Sighting(
        track_id=person.person_id,
        since=person.since,
        point=point,
        width=person.head.width / width_px,
        height=person.head.height / height_px,
        zone=zone,
    )


def _is_masked(person: Person, zones: Sequence[Zone], width_px: int, height_px: int) -> bool:
    point = anchor(person.head, width_px, height_px)
    return any(zone.kind is ZoneKind.MASK and zone.contains(point) for zone in zones)
