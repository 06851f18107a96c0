"""Tables of an evaluation of face detectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from models.evaluation.face_report import DetectionFigures, FaceEvaluation
from models.evaluation.grids import Grid, number, percent, percent_with_interval

_FOLLOWED: tuple[tuple[str, Callable[[DetectionFigures], str]], ...] = (
    ("Faces found", lambda c: percent_with_interval(c.recall)),
    ("Error of landmarks, in distances between the eyes", lambda c: number(c.landmark_error)),
    ("The same, median of the faces", lambda c: number(c.median_landmark_error)),
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
    rows = tuple(
        (r.model, str(r.false_faces.frames), str(r.false_faces.faces),
         percent(r.false_faces.frames_with / r.false_faces.frames))
        for r in evaluation.models
        if r.false_faces is not None and r.false_faces.frames
    )  # fmt: skip
    if rows:
        yield Grid(
            title=f"False faces in {evaluation.without_faces}",
            heading=("model", "frames", "faces", "frames with any"),
            rows=rows,
        )
