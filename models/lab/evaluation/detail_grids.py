"""Every table of an evaluation of expression models, each model's own ones included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.lab.evaluation.expression_grids import (
    against,
    annotation_names,
    beside,
    comparisons,
    conditions,
    overview,
    recalls,
    selection,
    strata,
)
from models.lab.evaluation.grids import Grid, number
from models.lab.evaluation.labels import SENTIMENTS
from models.lab.evaluation.report import (
    AnnotationReport,
    Classification,
    ExpressionEvaluation,
    ExpressionReport,
)


def all_grids(evaluation: ExpressionEvaluation) -> Iterator[tuple[str, Sequence[Grid]]]:
    """Yield for each kind of label every table there is."""
    for annotation in annotation_names(evaluation):
        grids = [*overview(evaluation, annotation), *comparisons(evaluation, annotation)]
        grids += beside(evaluation, annotation)
        grids += recalls(evaluation, annotation)
        grids += conditions(evaluation, annotation)
        for quantity in ("brightness", "face width"):
            grids += strata(evaluation, annotation, quantity)
        grids.append(selection(evaluation, annotation))
        for report, found in against(evaluation, annotation):
            grids += details(report, found)
        yield annotation, grids


def details(report: ExpressionReport, found: AnnotationReport) -> Iterator[Grid]:
    """Yield one model's confusion matrices and calibration."""
    for figures in (found.seven, found.three):
        if figures is None:
            continue
        labels = [figures_of.label for figures_of in figures.classes]
        yield Grid(
            title=f"{report.model}: truth in rows, answers in columns",
            heading=("", *labels),
            rows=tuple(
                (label, *map(str, row))
                for label, row in zip(labels, figures.confusion, strict=True)
            ),
        )
        yield _calibration(report.model, figures)


def _calibration(model: str, figures: Classification) -> Grid:
    classes = "seven" if len(figures.classes) > len(SENTIMENTS) else "three"
    return Grid(
        title=f"{model}: confidence and accuracy of {classes} classes, by confidence",
        heading=("up to", "n", "confidence", "accuracy"),
        rows=tuple(
            (number(b.upto, 2), str(b.n), number(b.confidence), number(b.accuracy))
            for b in figures.calibration
            if b.n
        ),
    )
