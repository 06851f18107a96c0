"""What was measured of face detectors, as values that become JSON and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.report import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionFigures:
    """A face detector under one condition.

    `landmark_error` is the mean over the faces that were found: a detector that misses the hard
    ones gains. Profiles weigh much in it, as their eyes are close together. `more_boxes` are those
    beside the labelled face.
    """

    name: str
    meaning: str
    n: int
    recall: Figure
    landmark_error: float | None
    median_landmark_error: float | None
    more_boxes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseFaces:
    """What a detector finds where there are no faces."""

    frames: int
    faces: int
    frames_with: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceReport:
    """One face detector on one collection of labelled faces.

    `false_faces` are those of all recordings and folders without faces together.
    """

    model: str
    sha256: str
    conditions: tuple[DetectionFigures, ...]
    false_faces: FalseFaces | None = None
    false_faces_by_source: Mapping[str, FalseFaces] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceEvaluation:
    """Face detectors side by side on the same faces."""

    data: str
    command: str
    faces: int
    rejected: tuple[UnusablePicture, ...]
    models: tuple[FaceReport, ...]
    resamples: int
    without_faces: str = ""


def together(parts: Iterable[FalseFaces]) -> FalseFaces:
    """Return the sums."""
    listed = list(parts)
    return FalseFaces(
        frames=sum(part.frames for part in listed),
        faces=sum(part.faces for part in listed),
        frames_with=sum(part.frames_with for part in listed),
    )
