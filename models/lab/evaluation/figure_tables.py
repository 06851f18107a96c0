"""Which tables an evaluation has: of expressions, of faces, of times; a row for each model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from contract.manifest import Sentiment
from models.lab.evaluation.face_report import DetectionFigures, FaceEvaluation
from models.lab.evaluation.labels import SENTIMENTS
from models.lab.evaluation.report import (
    AnnotationReport,
    CalibrationBin,
    ClassFigures,
    Classification,
    Comparison,
    ConditionFigures,
    ExpressionEvaluation,
    Stratum,
    Summary,
)
from models.lab.evaluation.tables import NONE, Columns, Table, number, percent, table
from models.lab.evaluation.timing import BenchReport, Timing

FEWEST_FACES = 30
"""Of fewer faces in a range, the number is shown and no figure."""

_Of = TypeVar("_Of")

_CLASSES: Columns[Classification] = {
    "n": lambda c: str(c.n),
    "accuracy": lambda c: percent(c.accuracy),
    "macro-F1": lambda c: number(c.macro_f1),
    "balanced accuracy": lambda c: percent(c.balanced_accuracy),
    "ECE": lambda c: number(c.calibration_error),
}
_THREE: Columns[AnnotationReport] = {
    "n": lambda a: str(a.three.n),
    "accuracy": lambda a: percent(a.three.accuracy),
    "macro-F1": lambda a: number(a.three.macro_f1),
    "balanced accuracy": lambda a: percent(a.three.balanced_accuracy),
    "ECE": lambda a: number(a.three.calibration_error),
    "recall of neutral": lambda a: percent(a.three.recall_of(Sentiment.NEUTRAL)),
    "coverage in use": lambda a: percent(a.as_used.coverage.value),
}
_SUMMARY: Columns[Summary | Comparison] = {
    "seven-class accuracy": lambda s: percent(s.seven_accuracy),
    "three-class macro-F1": lambda s: number(s.three_macro_f1),
    "recall of neutral": lambda s: percent(s.neutral_recall),
}
_CONDITIONS: Columns[ConditionFigures] = {
    "seven-class accuracy": lambda c: percent(c.figures.seven_accuracy.value),
    "three-class macro-F1": lambda c: number(c.figures.three_macro_f1.value),
    "recall of neutral": lambda c: percent(c.figures.neutral_recall.value),
    "ECE, seven classes": lambda c: number(c.figures.seven_calibration_error.value),
    "ECE, three classes": lambda c: number(c.figures.three_calibration_error.value),
    "coverage in use": lambda c: percent(c.as_used.coverage.value),
    "wrong at this coverage": lambda c: percent(c.as_used.wrong),
    "predicted neutral / labelled neutral, at this coverage": lambda c: (
        NONE
        if c.as_used.called_neutral is None
        else f"{percent(c.as_used.called_neutral)} / {percent(c.as_used.are_neutral)}"
    ),
}
_CONFIDENCE: Columns[CalibrationBin] = {
    "n": lambda b: str(b.n),
    "confidence": lambda b: number(b.confidence),
    "accuracy": lambda b: number(b.accuracy),
}
_FACES: Columns[DetectionFigures] = {
    "Faces found": lambda c: percent(c.recall),
    "Error of landmarks on the faces that each model found, in distances between the eyes": (
        lambda c: number(c.landmark_error)
    ),
    "The same, median of these faces": lambda c: number(c.median_landmark_error),
    "Boxes beside the labelled face": lambda c: str(c.more_boxes),
}


def annotation_names(evaluation: ExpressionEvaluation) -> tuple[str, ...]:
    """Return the kinds of labels that were compared with, the main one first."""
    names = (a.annotation for report in evaluation.models for a in report.annotations)
    return tuple(dict.fromkeys(names))


def against(
    evaluation: ExpressionEvaluation, annotation: str
) -> list[tuple[str, AnnotationReport]]:
    """Return each model with its report against one kind of label."""
    return [
        (report.model, found)
        for report in evaluation.models
        for found in report.annotations
        if found.annotation == annotation
    ]


def expression_tables(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Table]:
    """Yield the tables that compare models against one kind of label."""
    reports = against(evaluation, annotation)
    sevens = [(model, found.seven) for model, found in reports if found.seven]
    if sevens:
        yield table("Seven classes", sevens, _CLASSES)
    yield table("Three classes", reports, _THREE)
    pairs = [c for c in evaluation.comparisons if c.annotation == annotation]
    if pairs:
        title = "Differences on the same faces, of shares in percentage points"
        yield table(title, [(f"{c.model} – {c.other}", c) for c in pairs], _SUMMARY, first="")
    yield from _beside(reports)
    for title, found in (
        ("Recall of each of seven classes", sevens),
        ("Recall of each of three classes", [(model, a.three) for model, a in reports]),
    ):
        classes = [(model, list(figures.classes)) for model, figures in found]
        yield from _across(title, classes, _class_name, lambda c: percent(c.recall.value))
    conditions = [(model, [c for c in a.conditions if c.figures.n]) for model, a in reports]
    for title, show in _CONDITIONS.items():
        for found_table in _across(title, conditions, lambda c: c.name, show):
            if any(cell != NONE for row in found_table.rows for cell in row[1:]):
                yield found_table
    yield _selection(reports)


def fairness_tables(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Table]:
    """Yield each figure in every range of brightness and of width that holds faces."""
    reports = against(evaluation, annotation)
    for quantity in dict.fromkeys(s.quantity for _, found in reports for s in found.strata):
        chosen = [(m, [s for s in a.strata if s.quantity == quantity]) for m, a in reports]
        for title, show in _SUMMARY.items():
            yield from _across(f"{title} by {quantity}", chosen, _range_name, _if_many(show))


def detail_tables(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Table]:
    """Yield each model's confusion matrices and calibration."""
    for model, found in against(evaluation, annotation):
        for figures in filter(None, (found.seven, found.three)):
            labels = [of.label for of in figures.classes]
            yield Table(
                title=f"{model}: truth in rows, predictions in columns",
                heading=("", *labels),
                rows=tuple(
                    (label, *map(str, counts))
                    for label, counts in zip(labels, figures.confusion, strict=True)
                ),
            )
            classes = "seven" if len(labels) > len(SENTIMENTS) else "three"
            title = f"{model}: confidence and accuracy of {classes} classes, by confidence"
            bins = [(number(b.upto, 2), b) for b in figures.calibration if b.n]
            yield table(title, bins, _CONFIDENCE, first="up to")


def face_tables(evaluation: FaceEvaluation) -> Iterator[Table]:
    """Yield recall, the landmarks' error, boxes too many, and faces found where none are."""
    conditions = [(r.model, [c for c in r.conditions if c.n]) for r in evaluation.models]
    for title, show in _FACES.items():
        yield from _across(title, conditions, lambda c: f"{c.name} (n {c.n})", show)
    found = {report.model: report.false_faces_by_source for report in evaluation.models}
    for source in dict.fromkeys(source for by_source in found.values() for source in by_source):
        yield Table(
            title=f"False faces in {source}",
            heading=("model", "frames", "faces", "frames with any"),
            rows=tuple(
                (model, str(f.frames), str(f.faces), percent(f.frames_with / f.frames))
                for model, by_source in found.items()
                if (f := by_source.get(source)) is not None and f.frames
            ),
        )


def bench_tables(report: BenchReport) -> Iterator[Table]:
    """Yield one table for each kind of work, a row for each model."""
    for task, work in dict.fromkeys((timing.task, timing.work) for timing in report.timings):
        chosen = [t for t in report.timings if (t.task, t.work) == (task, work)]
        by_model = {
            model: {t.threads: t for t in chosen if t.model == model}
            for model in dict.fromkeys(timing.model for timing in chosen)
        }
        unit = work if work == "face" else f"frame of {work}"
        title = f"{task.replace('_', ' ').capitalize()}, per {unit}"
        threads = tuple(dict.fromkeys(timing.threads for timing in report.timings))
        columns = [_time_columns(count, chosen) for count in threads]
        yield Table(
            title=title,
            heading=("model", *(name for some in columns for name, _ in some)),
            rows=tuple(
                (model, *(show(times) for some in columns for _, show in some))
                for model, times in by_model.items()
            ),
        )


def _beside(reports: Sequence[tuple[str, AnnotationReport]]) -> Iterator[Table]:
    """Yield how well people's other labels predict these ones, and models on the same faces."""
    columns: Columns[Summary] = {"n": lambda s: str(s.n), **_SUMMARY}
    for index, first in enumerate(reports[0][1].beside if reports else ()):
        judges = [(f"people ({first.annotation})", first.people)]
        judges += [(model, a.beside[index].model) for model, a in reports if len(a.beside) > index]
        title = f"Beside people: the faces that {first.annotation} labels too"
        yield table(title, judges, columns, first="")


def _across(
    title: str,
    rows: Sequence[tuple[str, Sequence[_Of]]],
    name: Callable[[_Of], str],
    show: Callable[[_Of], str],
) -> Iterator[Table]:
    """Yield a table of one figure, a column for each of the first row's values, if it has any."""
    if rows and rows[0][1]:
        heading = ("model", *map(name, rows[0][1]))
        shown = tuple((model, *map(show, values)) for model, values in rows)
        yield Table(title=title, heading=heading, rows=shown)


def _selection(reports: Sequence[tuple[str, AnnotationReport]]) -> Table:
    points = reports[0][1].selection.points
    return Table(
        title="Wrong sentiments among the most certain faces",
        heading=("model", "ordered by", *(percent(p.coverage, 0) for p in points), "AURC"),
        rows=tuple(
            (model, of.signal, *(percent(point.risk) for point in of.points), number(of.area))
            for model, found in reports
            for of in (found.selection,)
        ),
    )


def _class_name(figures: ClassFigures) -> str:
    return f"{figures.label} (n {figures.n})"


def _range_name(stratum: Stratum) -> str:
    end = " or more" if stratum.end is None else f"–{stratum.end:g}"
    return f"{stratum.start:g}{end} (n {stratum.figures.n})"


def _if_many(show: Callable[[Summary], str]) -> Callable[[Stratum], str]:
    return lambda s: show(s.figures) if s.figures.n >= FEWEST_FACES else NONE


def _time_columns(
    threads: int, timings: Sequence[Timing]
) -> list[tuple[str, Callable[[dict[int, Timing]], str]]]:
    """Return the columns for a number of threads, of each model's times by that number."""

    def showing(field: str) -> Callable[[dict[int, Timing]], str]:
        return lambda times: number(getattr(times.get(threads), field, None), 2)

    columns = [
        (f"ms, {threads} thread{'s' if threads > 1 else ''}", showing("median_ms")),
        ("p95", showing("p95_ms")),
    ]
    peer = next((timing.peer for timing in timings if timing.peer), "")
    return [*columns, (f"to {peer}", showing("ratio"))] if peer else columns
