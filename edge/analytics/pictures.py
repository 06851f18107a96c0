"""Whether a camera's pictures are worth looking at: black and frozen ones are not."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from contract.messages import CameraState
from edge.scene import Image

BLACK_MEAN = 16.0
"""Mean of a black picture at most, 0..255: video black is 16 in limited-range encodings."""

BLACK_SPREAD = 6.0
"""Standard deviation of a black picture at most: a dark room still shows its lights."""

BLACK_AFTER_S = 3.0
FROZEN_AFTER_S = 10.0
"""A sensor's noise changes every picture; only a dead encoder repeats itself for that long."""

_STEP = 16


class PictureCheck:
    """Derives the camera's state from a few hundred pixels of every picture."""

    def __init__(self) -> None:
        self._bright_at: datetime | None = None
        self._changed_at: datetime | None = None
        self._sample = np.empty((0, 0, 3), np.uint8)

    def update(self, image: Image, now: datetime) -> CameraState:
        """Return the state after `image`, taken at `now`; a clock set back starts afresh."""
        sample = image[::_STEP, ::_STEP].copy()
        black = sample.mean() <= BLACK_MEAN and sample.std() <= BLACK_SPREAD
        if not black or self._bright_at is None or now < self._bright_at:
            self._bright_at = now
        if self._changed_at is None or now < self._changed_at or self._differs(sample):
            self._changed_at = now
        self._sample = sample
        if (now - self._bright_at).total_seconds() >= BLACK_AFTER_S:
            return CameraState.BLACK
        if (now - self._changed_at).total_seconds() >= FROZEN_AFTER_S:
            return CameraState.FROZEN
        return CameraState.OK

    def _differs(self, sample: Image) -> bool:
        return not np.array_equal(sample, self._sample)
