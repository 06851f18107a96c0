"""What a detector's decoder returns, and the choice among overlapping candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.session import Floats

Indices: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """K boxes above the score threshold, in pixels of the model's input.

    `boxes` are K x 4: left, top, right, bottom. `landmarks` are K x 5 x 2.
    """

    boxes: Floats
    scores: Floats
    landmarks: Floats | None = None


def keep_best(candidates: Candidates, iou_threshold: float) -> Indices:
    """Return the indices of the candidates that no better one overlaps too much, best first."""
    if len(candidates.scores) < 2:
        return np.arange(len(candidates.scores))
    corners = candidates.boxes
    sized = np.concatenate((corners[:, :2], corners[:, 2:] - corners[:, :2]), axis=1)
    kept = cv2.dnn.NMSBoxes(sized, candidates.scores, 0.0, iou_threshold)  # type: ignore[arg-type]
    return np.asarray(kept, dtype=np.int64)
