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
_HAIR = 0.5
"""How far hair or a cap reaches above a face's box, in heights of the box."""
_ON_A_HEAD = 0.8
"""The share of its area with which a box is on a head; faces side by side overlap by less.

Of 22 press photographs with two faces of YuNet-n, nine second ones go: eyes and mouths of the
first face. Nobody else goes.
"""


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


def non_max_suppression(candidates: Candidates, iou_threshold: float) -> Indices:
    """Return the indices of the candidates that no better one overlaps too much, best first."""
    if len(candidates.scores) < 2:
        return np.arange(len(candidates.scores))
    corners = candidates.boxes
    sized = np.concatenate((corners[:, :2], corners[:, 2:] - corners[:, :2]), axis=1)
    kept = cv2.dnn.NMSBoxes(sized, candidates.scores, 0.0, iou_threshold)  # type: ignore[arg-type]
    return np.asarray(kept, dtype=np.int64)


def drop_boxes_on_faces(candidates: Candidates, at: Indices) -> Indices:
    """Return `at`, best first, without what lies on a larger and surer face, its hair or its cap.

    A cap's badge or a pattern in hair may look like a small face; someone behind is not seen there.
    """
    if len(at) < 2:
        return at
    boxes = candidates.boxes[at]
    heads = boxes.copy()
    heads[:, 1] -= _HAIR * (boxes[:, 3] - boxes[:, 1])
    areas = _areas(boxes)
    on = _shared(boxes, heads) > _ON_A_HEAD * areas[:, None]
    on &= areas[:, None] < areas
    kept = np.ones(len(at), np.bool_)
    for index in range(len(at)):
        kept[index] = not (on[index, :index] & kept[:index]).any()
    return at[kept]


def fuse_boxes(candidates: Candidates, at: Indices) -> Candidates:
    """Return the faces `at`, each the mean of all candidates for it, weighted by their scores.

    Each cell errs by itself, so their mean errs less than the best one (Bazarevsky et al. 2019).
    The scores stay those of the best.
    """
    if not len(at):
        return candidates.take(at)
    boxes, landmarks, scores = candidates.boxes, candidates.landmarks, candidates.scores
    shared = _shared(boxes[at], boxes)
    union = _areas(boxes[at])[:, None] + _areas(boxes) - shared
    weights = (shared > _SAME_FACE_IOU * union) * scores
    weights[np.arange(len(at)), at] = scores[at]  # even where a box has no area
    weights /= weights.sum(axis=1, keepdims=True)
    return Candidates(
        boxes=weights @ boxes,
        scores=scores[at],
        landmarks=None if landmarks is None else np.einsum("mk,kpd->mpd", weights, landmarks),
    )


def _shared(boxes: Floats, others: Floats) -> Floats:
    """Return the areas, M x K, that M x 4 and K x 4 boxes have in common."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    shared: Floats = np.maximum(high - low, 0).prod(axis=2)
    return shared


def _areas(boxes: Floats) -> Floats:
    areas: Floats = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return areas
