"""Whether a camera's pictures are worth looking at: black, covered, frozen, too bright, blurred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from contract.messages import CameraState
from edge.scene import Image

BLACK_MEAN = 16.0
"""Mean of a black picture at most, 0..255: video black is 16 in limited-range encodings."""

BLACK_SPREAD = 6.0
"""Standard deviation of a black picture at most: a dark room still shows its lights."""

WHITE_LEVEL, WHITE_SHARE = 250, 0.6
"""So much of an over-exposed picture has reached the sensor's limit."""

COVERED_EDGE = 16.0
"""A covered lens shows no edge steeper than this a pixel: a sensor's noise has up to 12."""

COVERED_STEP = 12.0
"""Nor does it show shapes: from one block of 32 pixels to the next it changes by less than this."""

BLURRED_SHARE = 0.4
"""Out of focus, the steepest edges have less than this share of what they had, brightness apart."""

AFTER_S: Mapping[CameraState, float] = MappingProxyType(
    {
        CameraState.BLACK: 3.0,
        CameraState.COVERED: 4.0,
        CameraState.OVER_EXPOSED: 4.0,
        CameraState.OUT_OF_FOCUS: 6.0,
        CameraState.FROZEN: 10.0,
    }
)
"""How long pictures must be bad before it is said, the most certain first. Only a dead encoder
repeats itself for 10 s: a sensor's noise changes every picture."""

_STEP = 16
_MEASURE_EVERY_S = 0.5
_EDGE_SHARE = 99.5
_BLOCK_PX, _BLOCK_SHARE = 32, 98.0
_LINES = 4
_REFERENCE_MEASURES = 8
_REFERENCE_FOLLOWS = 1 / 600  # of the difference at each measure: in five minutes to a new light


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """What needs to be known twice a second: the steepest edges, also for the brightness, and the
    largest steps from one block of pixels to the next.
    """

    at: datetime
    edge: float
    relative_edge: float
    block_step: float


class PictureCheck:
    """Derives the camera's state from a few pixels of every picture, and some more twice a second.

    Bad states end with the first good picture. Sharpness is compared with that of the first
    seconds, when the camera was set up.
    """

    def __init__(self) -> None:
        self._good_at: dict[CameraState, datetime] = {}
        self._sample = np.empty((0, 0, 3), np.uint8)
        self._measure: _Measure | None = None
        self._first: list[float] = []
        self._reference: float | None = None

    def update(self, image: Image, now: datetime) -> CameraState:
        """Return the state after `image`, taken at `now`; a clock set back starts afresh."""
        sample = image[::_STEP, ::_STEP].copy()
        measure = self._measured(image, now)
        is_repeated = np.array_equal(sample, self._sample)
        bad = {
            CameraState.BLACK: sample.mean() <= BLACK_MEAN and sample.std() <= BLACK_SPREAD,
            CameraState.COVERED: not is_repeated  # a sensor behind a cover still has its noise
            and measure.edge <= COVERED_EDGE
            and measure.block_step <= COVERED_STEP,
            CameraState.OVER_EXPOSED: bool((sample >= WHITE_LEVEL).mean() >= WHITE_SHARE),
            CameraState.OUT_OF_FOCUS: not is_repeated and self._is_blurred(measure),
            CameraState.FROZEN: is_repeated,
        }
        self._sample = sample
        for state, is_bad in bad.items():
            since = self._good_at.get(state)
            if not is_bad or since is None or now < since:
                self._good_at[state] = now
        for state, after_s in AFTER_S.items():
            if (now - self._good_at[state]).total_seconds() >= after_s:
                return state
        return CameraState.OK

    def _measured(self, image: Image, now: datetime) -> _Measure:
        last = self._measure
        if last is not None and 0 <= (now - last.at).total_seconds() < _MEASURE_EVERY_S:
            return last
        green = image[::_LINES, :, 1].astype(np.int16)
        seen = (green[:, 1:] > 0) & (green[:, :-1] > 0)  # the mask's own edge is no detail
        steps = np.abs(np.diff(green, axis=1))[seen]
        edge = float(np.percentile(steps, _EDGE_SHARE)) if steps.size else 0.0
        brightness = float(green[green > 0].mean()) if steps.size else 0.0
        self._measure = _Measure(
            at=now,
            edge=edge,
            relative_edge=edge / (brightness + 8),
            block_step=_block_step(green),
        )
        self._learn(self._measure)
        return self._measure

    def _learn(self, measure: _Measure) -> None:
        """Take the sharpness of the first good pictures for the camera's, and follow it slowly."""
        if measure.edge <= COVERED_EDGE or self._is_blurred(measure):
            return
        if self._reference is not None:
            self._reference += _REFERENCE_FOLLOWS * (measure.relative_edge - self._reference)
            return
        self._first.append(measure.relative_edge)
        if len(self._first) == _REFERENCE_MEASURES:
            self._reference = float(np.median(self._first))

    def _is_blurred(self, measure: _Measure) -> bool:
        reference = self._reference
        return reference is not None and measure.relative_edge < BLURRED_SHARE * reference


def _block_step(green: NDArray[np.int16]) -> float:
    """Return the step between neighbouring blocks that few exceed; masked blocks do not count.

    `green` has only one of `_LINES` lines.
    """
    lines = _BLOCK_PX // _LINES
    rows, columns = green.shape[0] // lines, green.shape[1] // _BLOCK_PX
    if rows == 0 or columns < 2:
        return 255.0
    used = green[: rows * lines, : columns * _BLOCK_PX]
    blocks = used.reshape(rows, lines, columns, _BLOCK_PX)
    means = blocks.mean(axis=(1, 3))
    masked = (blocks == 0).mean(axis=(1, 3)) > 0.1
    steps = np.abs(np.diff(means, axis=1))[~(masked[:, 1:] | masked[:, :-1])]
    return float(np.percentile(steps, _BLOCK_SHARE)) if steps.size else 0.0
