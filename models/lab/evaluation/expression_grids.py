"""Tables of an evaluation of expression models: one row for each model, ours and peers alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contract.manifest import Sentiment
from models.lab.evaluation.grids import (
    NONE,
    Grid,
    number,
    number_with_interval,
    percent,
    percent_with_interval,
)
from models.lab.evaluation.report import (
    AnnotationReport,
    AsUsed,
    Classification,
    ConditionFigures,
    ExpressionEvaluation,
    ExpressionReport,
    Stratum,
    Summary,
)

_FOLLOWED: tuple[tuple[str, Callable[[ConditionFigures], str]], ...] = (
    ("seven-class accuracy", lambda c: percent(c.figures.seven_accuracy.value)),
    ("three-class macro-F1", lambda c: number(c.figures.three_macro_f1.value)),
    ("recall of neutral", lambda c: percent(c.figures.neutral_recall.value)),
    ("ECE, seven classes", lambda c: number(c.figures.seven_calibration_error.value)),
    ("ECE, three classes", lambda c: number(c.figures.three_calibration_error.value)),
    ("told in use", lambda c: percent(c.as_used.coverage.value) if c.as_used else NONE),
    ("wrong among told", lambda c: percent(c.as_used.wrong) if c.as_used else NONE),
    ("called neutral among told / neutral by label", lambda c: _neutral_told(c.as_used)),
)
_BY_RANGE: tuple[tuple[str, Callable[[Summary], str]], ...] = (
    ("seven-class accuracy", lambda s: percent_with_interval(s.seven_accuracy)),
    ("three-class macro-F1", lambda s: number_with_interval(s.three_macro_f1)),
    ("recall of neutral", lambda s: percent_with_interval(s.neutral_recall)),
)
FEWEST_FACES = 30
"""Of fewer faces in a range, the number is shown and no figure."""


def annotation_names(evaluation: ExpressionEvaluation) -> tuple[str, ...]:
    """Return the kinds of labels that were compared with, the main one first."""
    names = (a.annotation for report in evaluation.models for a in report.annotations)
    return tuple(dict.fromkeys(names))


def against(
    evaluation: ExpressionEvaluation, annotation: str
) -> list[tuple[ExpressionReport, AnnotationReport]]:
    """Return each model with its report against one kind of label."""
    return [
        (report, found)
        for report in evaluation.models
        for found in report.annotations
        if found.annotation == annotation
    ]


def overview(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Grid]:
    """Yield the tables that compare models on all faces: seven classes, then three."""
    reports = against(evaluation, annotation)
    rows = [(report.model, found.seven) for report, found in reports if found.seven is not None]
    if rows:
        yield Grid(
            title="Seven classes",
            heading=("model", "n", "accuracy", "macro-F1", "balanced accuracy", "ECE"),
            rows=tuple((model, *_figures(figures)) for model, figures in rows),
        )
    yield Grid(
        title="Three classes",
        heading=(
            "model", "n", "accuracy", "macro-F1", "balanced accuracy", "ECE", "recall of neutral",
            "told in use",
        ),
        rows=tuple(
            (
                report.model,
                *_figures(found.three),
                percent_with_interval(found.three.recall_of(Sentiment.NEUTRAL)),
                percent(found.as_used.coverage.value),
            )
            for report, found in reports
        ),
    )  # fmt: skip


def comparisons(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Grid]:
    """Yield by how much the first model is better than each of the others."""
    rows = tuple(
        (
            f"{c.model} – {c.other}",
            percent_with_interval(c.seven_accuracy),
            number_with_interval(c.three_macro_f1),
            percent_with_interval(c.neutral_recall),
        )
        for c in evaluation.comparisons
        if c.annotation == annotation
    )
    if rows:
        yield Grid(
            title="Differences on the same faces, of shares in percentage points",
            heading=("", "seven-class accuracy", "three-class macro-F1", "recall of neutral"),
            rows=rows,
        )


def beside(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Grid]:
    """Yield how well people's other labels tell these ones, and models on the same faces."""
    reports = against(evaluation, annotation)
    for index, first in enumerate(reports[0][1].beside if reports else ()):
        judges = [(f"people ({first.annotation})", first.people)]
        judges += [(r.model, f.beside[index].model) for r, f in reports if len(f.beside) > index]
        yield Grid(
            title=f"Beside people: the faces that {first.annotation} labels too",
            heading=("", "n", *(title for title, _ in _BY_RANGE)),
            rows=tuple(
                (name, str(figures.n), *(show(figures) for _, show in _BY_RANGE))
                for name, figures in judges
            ),
        )


def recalls(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Grid]:
    """Yield the recall of each class for each model, with how many faces show it."""
    reports = against(evaluation, annotation)
    for title, chosen in (
        ("Recall of each of seven classes", [(r.model, f.seven) for r, f in reports]),
        ("Recall of each of three classes", [(r.model, f.three) for r, f in reports]),
    ):
        known = [(model, figures) for model, figures in chosen if figures is not None]
        if known:
            classes = known[0][1].classes
            yield Grid(
                title=title,
                heading=("model", *(f"{c.label} (n {c.n})" for c in classes)),
                rows=tuple(
                    (model, *(percent(c.recall.value) for c in figures.classes))
                    for model, figures in known
                ),
            )


def conditions(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Grid]:
    """Yield for each figure its value under every condition that left faces over."""
    reports = against(evaluation, annotation)
    names = [c.name for c in reports[0][1].conditions if c.figures.n] if reports else []
    for title, show in _FOLLOWED:
        rows = tuple(
            (
                report.model,
                *(show(c) for c in found.conditions if c.name in names),
            )
            for report, found in reports
        )
        if any(cell != NONE for row in rows for cell in row[1:]):
            yield Grid(title=title, heading=("model", *names), rows=rows)


def strata(evaluation: ExpressionEvaluation, annotation: str, quantity: str) -> Iterator[Grid]:
    """Yield for each figure its value in every range of `quantity` that holds faces."""
    reports = against(evaluation, annotation)
    chosen = [
        (report.model, [s for s in found.strata if s.quantity == quantity])
        for report, found in reports
    ]
    if not chosen or not chosen[0][1]:
        return
    heading = (
        "model",
        *(f"{range_of(stratum)} (n {stratum.figures.n})" for stratum in chosen[0][1]),
    )
    for title, show in _BY_RANGE:
        rows = tuple((model, *(_if_many(s, show) for s in ranges)) for model, ranges in chosen)
        yield Grid(title=f"{title} by {quantity}", heading=heading, rows=rows)


def selection(evaluation: ExpressionEvaluation, annotation: str) -> Grid:
    """Return the share of wrong sentiments at each coverage."""
    reports = against(evaluation, annotation)
    points = reports[0][1].selection.points
    return Grid(
        title="Wrong sentiments among the most certain faces",
        heading=("model", "ordered by", *(percent(p.coverage, 0) for p in points), "AURC"),
        rows=tuple(
            (
                report.model,
                found.selection.signal,
                *(percent(point.risk) for point in found.selection.points),
                number(found.selection.area),
            )
            for report, found in reports
        ),
    )


def range_of(stratum: Stratum) -> str:
    """Return the stratum's range for people."""
    if stratum.end is None:
        return f"{stratum.start:g} or more"
    return f"{stratum.start:g}–{stratum.end:g}"


def _neutral_told(used: AsUsed | None) -> str:
    if used is None or used.called_neutral is None:
        return NONE
    return f"{percent(used.called_neutral)} / {percent(used.are_neutral)}"


def _if_many(stratum: Stratum, show: Callable[[Summary], str]) -> str:
    return show(stratum.figures) if stratum.figures.n >= FEWEST_FACES else NONE


def _figures(figures: Classification) -> tuple[str, ...]:
    return (
        str(figures.n),
        percent_with_interval(figures.accuracy),
        number_with_interval(figures.macro_f1),
        percent_with_interval(figures.balanced_accuracy),
        number_with_interval(figures.calibration_error),
    )
