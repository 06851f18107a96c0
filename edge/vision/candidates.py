"""What a detector's decoder returns, and the choice among overlapping candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.session import Floats

Indices: TypeAlias = NDArray[np.int64]

_SAME_FACE_IOU = 0.5
_HAIR = 0.35
"""So far above a face's box hair or a cap reaches at least, in heights of the box: nobody behind
can be seen there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """K boxes above the score threshold, in pixels of the model's input.

    `boxes` are K x 4: left, top, right, bottom. `landmarks` are K x 5 x 2.
    """

    boxes: Floats
    scores: Floats
    landmarks: Floats | None = None

    def take(self, at: Indices) -> Candidates:
        """Return some of the candidates."""
        landmarks = None if self.landmarks is None else self.landmarks[at]
        return Candidates(boxes=self.boxes[at], scores=self.scores[at], landmarks=landmarks)


def keep_best(candidates: Candidates, iou_threshold: float) -> Indices:
    """Return the indices of the candidates that no better one overlaps too much, best first."""
    if len(candidates.scores) < 2:
        return np.arange(len(candidates.scores))
    corners = candidates.boxes
    sized = np.concatenate((corners[:, :2], corners[:, 2:] - corners[:, :2]), axis=1)
    kept = cv2.dnn.NMSBoxes(sized, candidates.scores, 0.0, iou_threshold)  # type: ignore[arg-type]
    return np.asarray(kept, dtype=np.int64)


def one_a_head(candidates: Candidates, at: Indices) -> Indices:
    """Return `at`, best first, without what lies on a larger and surer face, its hair or its cap.

    A cap's badge or a pattern in hair is small and faces the camera; another's face is not there.
    """
    if len(at) < 2:
        return at
    left, top, right, bottom = candidates.boxes[at].T
    x, y = (left + right)[:, None] / 2, (top + bottom)[:, None] / 2
    on = (x > left) & (x < right) & (y > top - _HAIR * (bottom - top)) & (y < bottom)
    smaller = (right - left)[:, None] < right - left
    less_sure = np.tri(len(at), k=-1, dtype=np.bool_)
    kept: Indices = at[~(on & smaller & less_sure).any(axis=1)]
    return kept


def blend(candidates: Candidates, at: Indices) -> Candidates:
    """Return the faces `at`, each the mean of all candidates for it, weighted by their scores.

    Each cell errs by itself, so their mean errs less than the best one (Bazarevsky et al. 2019).
    The scores stay those of the best.
    """
    boxes, landmarks = candidates.boxes, candidates.landmarks
    weights = (_overlaps(boxes[at], boxes) > _SAME_FACE_IOU) * candidates.scores
    weights /= weights.sum(axis=1, keepdims=True)
    return Candidates(
        boxes=weights @ boxes,
        scores=candidates.scores[at],
        landmarks=None if landmarks is None else np.einsum("mk,kpd->mpd", weights, landmarks),
    )


def _overlaps(boxes: Floats, others: Floats) -> Floats:
    """Return intersection over union of M x 4 and K x 4 boxes, M x K."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    shared: Floats = np.maximum(high - low, 0).prod(axis=2)
    areas = [(b[:, 2:] - b[:, :2]).prod(axis=1) for b in (boxes, others)]
    ratio: Floats = shared / np.maximum(areas[0][:, None] + areas[1] - shared, 1e-6)
    return ratio
