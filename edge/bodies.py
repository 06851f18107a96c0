"""Looks for people from head to foot, a few times a second, and follows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from edge.scene import Detection, Detector, Image, Track


class Following(Protocol):
    """Gives detections identities."""

    def update(self, detections: Sequence[Detection], now: datetime) -> list[Track]:
        """Return the confirmed tracks among `detections`."""

    def reset(self) -> None:
        """Forget everyone."""


class Bodies:
    """A person detector and a tracker of its own, at a slower pace than that of faces.

    Who waits moves little, and a person detector costs several times what a face detector does.
    """

    def __init__(self, detector: Detector, tracker: Following, *, per_s: float) -> None:
        self._detector = detector
        self._tracker = tracker
        self._pause = timedelta(seconds=1 / per_s)
        self._due_at: datetime | None = None
        self._tracks: list[Track] = []

    def look(self, image: Image, now: datetime) -> list[Track]:
        """Return who is in view; between two looks, who was there at the last one."""
        if self._due_at is None or now >= self._due_at:
            self._due_at = now + self._pause
            self._tracks = self._tracker.update(self._detector.detect(image), now)
        return self._tracks

    def reset(self) -> None:
        """Forget everyone."""
        self._tracker.reset()
        self._due_at = None
        self._tracks = []
