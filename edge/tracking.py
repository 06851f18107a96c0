"""Gives detections identities that last from frame to frame, by ByteTrack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import supervision as sv
from trackers import BIoU, ByteTrackTracker

from edge.scene import Detection, Detector, Image, Track

LOST_AFTER_S = 1.0
"""A track unseen for longer is forgotten; visits bridge longer gaps by place."""

_BUFFER_RATE = 30.0  # the library counts its buffer in frames of 1/30 s
_MINIMUM_IOU = 0.1
_BUFFER = 0.3
"""Boxes grow by this share on each side before they are compared: at three analysed frames a
second a walker's face no longer overlaps itself (the bundled scene lost one visit in eight)."""
_MINIMUM_SCORE = 0.5
_CONFIRM_FRAMES = 2
_UNCONFIRMED = -1


class Tracker:
    """Follows people from one analysed frame to the next; frames between must not be fed."""

    def __init__(self, *, analysed_fps: float) -> None:
        self._tracker = ByteTrackTracker(
            lost_track_buffer=round(LOST_AFTER_S * _BUFFER_RATE),
            frame_rate=analysed_fps,
            track_activation_threshold=_MINIMUM_SCORE,
            high_conf_det_threshold=_MINIMUM_SCORE,
            minimum_consecutive_frames=_CONFIRM_FRAMES,
            minimum_iou_threshold=_MINIMUM_IOU,
            iou=BIoU(_BUFFER),
        )
        self._started_at: datetime | None = None
        self._since: dict[int, datetime] = {}
        self._first_id = 0
        self._next_id = 0

    def update(self, detections: Sequence[Detection], now: datetime) -> list[Track]:
        """Return the confirmed tracks among `detections`, seen in the frame of `now`.

        Times must increase from call to call.
        """
        self._started_at = self._started_at or now
        boxes = [(d.box.left, d.box.top, d.box.right, d.box.bottom) for d in detections]
        tracked = self._tracker.update(
            sv.Detections(
                xyxy=np.array(boxes, np.float32).reshape(-1, 4),
                confidence=np.array([d.score for d in detections], np.float32),
                class_id=np.arange(len(detections)),  # carries the position through
            ),
            timestamp=(now - self._started_at).total_seconds(),
        )
        if tracked.class_id is None or tracked.tracker_id is None:
            return []
        self._since = {
            track.tracker_id: self._since.get(track.tracker_id, now)
            for track in self._tracker.tracks
            if track.tracker_id != _UNCONFIRMED
        }
        return [
            self._track(int(number), detections[position])
            for position, number in zip(tracked.class_id, tracked.tracker_id, strict=True)
            if number != _UNCONFIRMED
        ]

    def reset(self) -> None:
        """Drop all tracks; their numbers are not used again."""
        self._tracker.reset()
        self._started_at = None
        self._since = {}
        self._first_id = self._next_id

    def _track(self, number: int, detection: Detection) -> Track:
        track_id = self._first_id + number
        self._next_id = max(self._next_id, track_id + 1)
        return Track(track_id=track_id, since=self._since[number], detection=detection)


class BodyTracker:
    """A person detector and a tracker of its own, at a slower pace than that of faces.

    Who waits moves little, and a person detector costs several times what a face detector does.
    """

    def __init__(self, detector: Detector, tracker: Tracker, *, per_s: float) -> None:
        self._detector = detector
        self._tracker = tracker
        self._pause = timedelta(seconds=1 / per_s)
        self._due_at: datetime | None = None
        self._tracks: list[Track] = []

    def update(self, image: Image, now: datetime) -> list[Track]:
        """Return who is in view; between two detections, who was there at the last one."""
        if self._due_at is None or now >= self._due_at:
            # from when it was due, so that frames that come between keep the pace
            self._due_at = max(self._due_at or now, now - self._pause) + self._pause
            self._tracks = self._tracker.update(self._detector.detect(image), now)
        return self._tracks

    def reset(self) -> None:
        """Drop all tracks."""
        self._tracker.reset()
        self._due_at = None
        self._tracks = []
