"""What was measured of face detectors, as values that become JSON and tables."""

from __future__ import annotations

from dataclasses import dataclass

from models.evaluation.report import Figure, RejectedPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionFigures:
    """A face detector under one condition.

    `landmark_error` is the mean over faces, on which profiles weigh much, as their eyes are close
    together. `more_boxes` are those beside the labelled face.
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
    """One face detector on one collection of labelled faces."""

    model: str
    sha256: str
    conditions: tuple[DetectionFigures, ...]
    false_faces: FalseFaces | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceEvaluation:
    """Face detectors side by side on the same faces."""

    data: str
    command: str
    faces: int
    rejected: tuple[RejectedPicture, ...]
    models: tuple[FaceReport, ...]
    resamples: int
    without_faces: str = ""
