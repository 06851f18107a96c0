"""Tables of an evaluation of face detectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from models.lab.evaluation.face_report import (
    DetectionFigures,
    FaceEvaluation,
    FaceReport,
    FalseFaces,
)
from models.lab.evaluation.grids import Grid, number, percent, percent_with_interval

_FOLLOWED: tuple[tuple[str, Callable[[DetectionFigures], str]], ...] = (
    ("Faces found", lambda c: percent_with_interval(c.recall)),
    (
        "Error of landmarks on the faces that each model found, in distances between the eyes",
        lambda c: number(c.landmark_error),
    ),
    ("The same, median of these faces", lambda c: number(c.median_landmark_error)),
    ("Boxes beside the labelled face", lambda c: str(c.more_boxes)),
)


def face_grids(evaluation: FaceEvaluation) -> Iterator[Grid]:
    """Yield recall, the landmarks' error, boxes too many, and faces found where none are."""
    conditions = evaluation.models[0].conditions
    names = tuple(f"{c.name} (n {c.n})" for c in conditions if c.n)
    for title, show in _FOLLOWED:
        rows = tuple(
            (report.model, *(show(c) for c in report.conditions if c.n))
            for report in evaluation.models
        )
        yield Grid(title=title, heading=("model", *names), rows=rows)
    yield from _false_faces(evaluation)


def _false_faces(evaluation: FaceEvaluation) -> Iterator[Grid]:
    """Yield a table for each recording or folder without faces."""
    found = {report.model: _by_source(report, evaluation) for report in evaluation.models}
    for source in dict.fromkeys(source for by_source in found.values() for source in by_source):
        yield Grid(
            title=f"False faces in {source}",
            heading=("model", "frames", "faces", "frames with any"),
            rows=tuple(
                (model, str(false.frames), str(false.faces),
                 percent(false.frames_with / false.frames))
                for model, by_source in found.items()
                if (false := by_source.get(source)) is not None and false.frames
            ),
        )  # fmt: skip


def _by_source(report: FaceReport, evaluation: FaceEvaluation) -> Mapping[str, FalseFaces]:
    if report.false_faces_by_source or report.false_faces is None:
        return report.false_faces_by_source
    return {evaluation.without_faces: report.false_faces}
