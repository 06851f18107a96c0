"""What was measured of face detectors, as values that become JSON and tables."""

from __future__ import annotations

from collections.abc import Mapping
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

    frames: int = 0
    faces: int = 0
    frames_with: int = 0

    def __add__(self, other: FalseFaces) -> FalseFaces:
        """Return the sums."""
        return FalseFaces(
            frames=self.frames + other.frames,
            faces=self.faces + other.faces,
            frames_with=self.frames_with + other.frames_with,
        )


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
