"""An evaluation as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from models.lab.evaluation.detail_grids import all_grids
from models.lab.evaluation.face_grids import face_grids
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.grids import Grid
from models.lab.evaluation.report import ExpressionEvaluation, RejectedPicture
from models.lab.evaluation.results import Results

_FEW = 20


def lines_of(results: Results) -> Iterator[str]:
    """Yield what was measured, for people."""
    if results.expressions is not None:
        yield from _lines_of_expressions(results.expressions)
    if results.faces is not None:
        yield from _lines_of_faces(results.faces)


def left_out(rejected: Sequence[UnusablePicture | RejectedPicture]) -> Iterator[str]:
    """Yield how many pictures were left out, and why the first of them were."""
    if rejected:
        yield f"left out: {len(rejected)}"
    for picture in rejected[:_FEW]:
        yield f"  {picture.file} {picture.reason}"
    if len(rejected) > _FEW:
        yield f"  and {len(rejected) - _FEW} more; --json lists all"


def _lines_of_expressions(evaluation: ExpressionEvaluation) -> Iterator[str]:
    yield f"{evaluation.data}: {evaluation.faces} faces, {len(evaluation.rejected)} left out"
    for annotation, grids in all_grids(evaluation):
        yield f"\n=== against the labels {annotation!r}"
        yield from _texts(grids)
    if evaluation.rejected:
        yield ""
    yield from left_out(evaluation.rejected)


def _lines_of_faces(evaluation: FaceEvaluation) -> Iterator[str]:
    yield f"{evaluation.data}: {evaluation.faces} faces, {len(evaluation.rejected)} left out"
    yield from _texts(face_grids(evaluation))
    if evaluation.rejected:
        yield ""
    yield from left_out(evaluation.rejected)


def _texts(grids: Iterable[Grid]) -> Iterator[str]:
    for grid in grids:
        yield f"\n{grid.as_text()}"
