"""Face detectors: which labelled faces they find at each size, how exactly, how many too many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.scene import Box, Detection, Image
from models.lab.evaluation.bootstrap import RESAMPLES, groups_of
from models.lab.evaluation.conditions import ImageCondition
from models.lab.evaluation.entries import FaceModel
from models.lab.evaluation.errors import NothingUsable
from models.lab.evaluation.face_report import (
    DetectionFigures,
    FaceEvaluation,
    FaceReport,
    FalseFaces,
)
from models.lab.evaluation.faces import Face, Landmarks, UnusablePicture
from models.lab.evaluation.judging import share
from models.lab.evaluation.scenes import detection_conditions, landmark_error, overlap, scene

_OVERLAP = 0.5
"""A face is found where a box shares at least this with its own: intersection over union."""


def evaluate_faces(
    data: str,
    faces: Iterable[Face | UnusablePicture],
    models: Sequence[FaceModel],
    *,
    command: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> FaceEvaluation:
    """Return which faces each detector finds; raise NothingUsable where no face can be used."""
    conditions = detection_conditions()
    tallies = {(model.name, c.name): _Tally() for model in models for c in conditions}
    rejected: list[UnusablePicture] = []
    count = 0
    for face in faces:
        if isinstance(face, UnusablePicture):
            rejected.append(face)
            continue
        for condition in conditions:
            _show(face, condition, models, tallies)
        count += 1
        progress(count)
    if not count:
        raise NothingUsable(data, rejected)
    return FaceEvaluation(
        data=data,
        command=command,
        faces=count,
        rejected=tuple(rejected),
        models=tuple(
            FaceReport(
                model=model.name,
                sha256=model.sha256,
                conditions=tuple(tallies[model.name, c.name].figures(c) for c in conditions),
            )
            for model in models
        ),
        resamples=RESAMPLES,
    )


def find_false_faces(frames: Iterable[Image], models: Sequence[FaceModel]) -> dict[str, FalseFaces]:
    """Return by each model's name what it finds in frames that show no face."""
    counts: dict[str, list[int]] = {model.name: [] for model in models}
    for frame in frames:
        for model in models:
            counts[model.name].append(len(model.detector.detect(frame)))
    return {
        name: FalseFaces(frames=len(found), faces=sum(found), frames_with=sum(map(bool, found)))
        for name, found in counts.items()
    }


@dataclass(slots=True)
class _Tally:
    """What one detector did under one condition."""

    found: list[bool] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    more: int = 0

    def add(self, detections: Sequence[Detection], face: Face, box: Box, marks: Landmarks) -> None:
        """Count one scene, in which the face lies in `box`."""
        best = max(detections, key=lambda found: overlap(found.box, box), default=None)
        is_found = best is not None and overlap(best.box, box) >= _OVERLAP
        self.found.append(is_found)
        self.people.append(face.person)
        self.more += len(detections) - is_found
        if best is None or not is_found or best.landmarks is None or face.are_landmarks_guessed:
            return
        self.errors.append(landmark_error(best.landmarks, marks))

    def figures(self, condition: ImageCondition) -> DetectionFigures:
        """Return the figures of all scenes."""
        found = np.array(self.found, np.bool_)
        known = [error for error in self.errors if not np.isnan(error)]
        return DetectionFigures(
            name=condition.name,
            meaning=condition.meaning,
            n=len(found),
            recall=share(found, groups_of(self.people)),
            landmark_error=round(float(np.mean(known)), 5) if known else None,
            median_landmark_error=round(float(np.median(known)), 5) if known else None,
            more_boxes=self.more,
        )


def _show(
    face: Face,
    condition: ImageCondition,
    models: Sequence[FaceModel],
    tallies: dict[tuple[str, str], _Tally],
) -> None:
    changed = condition.apply(face)
    if changed is None:
        return
    frame, box, marks = scene(changed)
    for model in models:
        tallies[model.name, condition.name].add(model.detector.detect(frame), changed, box, marks)
