"""Which tables an evaluation has: of expressions, of faces, of times; a row for each model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.report import AnnotationReport, AsUsed, ExpressionEvaluation, Stratum
from models.lab.evaluation.tables import NONE, Column, Columns, Table, number, percent, shown, table
from models.lab.evaluation.timing import BenchReport

FEWEST_FACES = 30
"""Of fewer faces in a range, the number is shown and no figure."""


def _neutral_shares(used: AsUsed) -> str:
    if used.called_neutral is None:
        return NONE
    return f"{percent(used.called_neutral)} / {percent(used.are_neutral)}"


_CLASSES: Columns = {
    "n": ("n", str),
    "accuracy": ("accuracy", percent),
    "macro-F1": ("macro_f1", number),
    "balanced accuracy": ("balanced_accuracy", percent),
    "ECE": ("calibration_error", number),
}
_THREE: Columns = {
    **{name: (f"three.{path}", show) for name, (path, show) in _CLASSES.items()},
    "recall of neutral": ("three.neutral_recall", percent),
    "coverage in use": ("as_used.coverage.value", percent),
}
_SUMMARY: Columns = {
    "seven-class accuracy": ("seven_accuracy", percent),
    "three-class macro-F1": ("three_macro_f1", number),
    "recall of neutral": ("neutral_recall", percent),
}
_CONDITIONS: Columns = {
    **{name: (f"figures.{path}.value", show) for name, (path, show) in _SUMMARY.items()},
    "ECE, seven classes": ("figures.seven_calibration_error.value", number),
    "ECE, three classes": ("figures.three_calibration_error.value", number),
    "coverage in use": ("as_used.coverage.value", percent),
    "wrong at this coverage": ("as_used.wrong", percent),
    "predicted neutral / labelled neutral, at this coverage": ("as_used", _neutral_shares),
}
_CONFIDENCE: Columns = {
    "n": ("n", str),
    "confidence": ("confidence", number),
    "accuracy": ("accuracy", number),
}
_FACES: Columns = {
    "Faces found": ("recall", percent),
    "Error of landmarks on the faces that each model found, in distances between the eyes": (
        "landmark_error", number,
    ),
    "The same, median of these faces": ("median_landmark_error", number),
    "Boxes beside the labelled face": ("more_boxes", str),
}  # fmt: skip


def annotation_names(evaluation: ExpressionEvaluation) -> tuple[str, ...]:
    """Return the kinds of labels that were compared with, the main one first."""
    names = (a.annotation for report in evaluation.models for a in report.annotations)
    return tuple(dict.fromkeys(names))


def against(
    evaluation: ExpressionEvaluation, annotation: str
) -> list[tuple[str, AnnotationReport]]:
    """Return each model with its report against one kind of label."""
    reports = (
        (report.model, found) for report in evaluation.models for found in report.annotations
    )
    return [(model, found) for model, found in reports if found.annotation == annotation]


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
    threes = [(model, found.three) for model, found in reports]
    for count, classified in (("seven", sevens), ("three", threes)):
        classes = [(model, of.classes) for model, of in classified]
        title = f"Recall of each of {count} classes"
        yield from _across(title, classes, "{0.label} (n {0.n})".format, ("recall.value", percent))
    conditions = [(model, [c for c in a.conditions if c.figures.n]) for model, a in reports]
    for title, column in _CONDITIONS.items():
        for found in _across(title, conditions, lambda c: c.name, column):
            if any(cell != NONE for row in found.rows for cell in row[1:]):
                yield found
    yield _selection(reports)


def fairness_tables(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Table]:
    """Yield each figure in every range of brightness and of width that holds faces."""
    reports = against(evaluation, annotation)
    for quantity in dict.fromkeys(s.quantity for _, found in reports for s in found.strata):
        chosen = [(m, [s for s in a.strata if s.quantity == quantity]) for m, a in reports]
        for title, column in _SUMMARY.items():
            yield from _across(f"{title} by {quantity}", chosen, _range, _if_many(column))


def detail_tables(evaluation: ExpressionEvaluation, annotation: str) -> Iterator[Table]:
    """Yield each model's confusion matrices and calibration."""
    for model, found in against(evaluation, annotation):
        for classes, figures in (("seven", found.seven), ("three", found.three)):
            if figures is None:
                continue
            labels = [of.label for of in figures.classes]
            counts = zip(labels, figures.confusion, strict=True)
            yield Table(
                title=f"{model}: truth in rows, predictions in columns",
                heading=("", *labels),
                rows=tuple((label, *map(str, row)) for label, row in counts),
            )
            title = f"{model}: confidence and accuracy of {classes} classes, by confidence"
            bins = [(number(b.upto, 2), b) for b in figures.calibration if b.n]
            yield table(title, bins, _CONFIDENCE, first="up to")


def face_tables(evaluation: FaceEvaluation) -> Iterator[Table]:
    """Yield recall, the landmarks' error, boxes too many, and faces found where none are."""
    conditions = [(r.model, [c for c in r.conditions if c.n]) for r in evaluation.models]
    for title, column in _FACES.items():
        yield from _across(title, conditions, "{0.name} (n {0.n})".format, column)
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
    threads = tuple(dict.fromkeys(timing.threads for timing in report.timings))
    for task, work in dict.fromkeys((timing.task, timing.work) for timing in report.timings):
        times = {
            (t.model, t.threads): t for t in report.timings if (t.task, t.work) == (task, work)
        }
        peer = next((timing.peer for timing in times.values() if timing.peer), "")
        fields = ("median_ms", "p95_ms", *(["ratio"] if peer else []))
        columns = [(field, count) for count in threads for field in fields]
        unit = work if work == "face" else f"frame of {work}"
        yield Table(
            title=f"{task.replace('_', ' ').capitalize()}, per {unit}",
            heading=("model", *(_time_heading(*column, peer) for column in columns)),
            rows=tuple(
                (model, *(number(getattr(times.get((model, n)), f, None), 2) for f, n in columns))
                for model in dict.fromkeys(model for model, _ in times)
            ),
        )


def _beside(reports: Sequence[tuple[str, AnnotationReport]]) -> Iterator[Table]:
    """Yield how well people's other labels predict these ones, and models on the same faces."""
    for index, first in enumerate(reports[0][1].beside if reports else ()):
        judges = [(f"people ({first.annotation})", first.people)]
        judges += [(model, a.beside[index].model) for model, a in reports if len(a.beside) > index]
        title = f"Beside people: the faces that {first.annotation} labels too"
        yield table(title, judges, {"n": ("n", str), **_SUMMARY}, first="")


def _across(
    title: str,
    rows: Sequence[tuple[str, Sequence[Any]]],
    name: Callable[[Any], str],
    column: Column,
) -> Iterator[Table]:
    """Yield a table of one figure, a column for each of the first row's values, if it has any."""
    if rows and rows[0][1]:
        texts = tuple((model, *(shown(value, column) for value in of)) for model, of in rows)
        yield Table(title=title, heading=("model", *map(name, rows[0][1])), rows=texts)


def _selection(reports: Sequence[tuple[str, AnnotationReport]]) -> Table:
    chosen = [(model, found.selection) for model, found in reports]
    points = chosen[0][1].points
    return Table(
        title="Wrong sentiments among the most certain faces",
        heading=("model", "ordered by", *(percent(p.coverage, 0) for p in points), "AURC"),
        rows=tuple(
            (model, of.signal, *(percent(point.risk) for point in of.points), number(of.area))
            for model, of in chosen
        ),
    )


def _range(stratum: Stratum) -> str:
    end = " or more" if stratum.end is None else f"–{stratum.end:g}"
    return f"{stratum.start:g}{end} (n {stratum.figures.n})"


def _if_many(column: Column) -> Column:
    """Return the column for ranges: none of its figures stands for a few faces."""
    return "figures", lambda of: shown(of, column) if of.n >= FEWEST_FACES else NONE


def _time_heading(field: str, threads: int, peer: str) -> str:
    milliseconds = f"ms, {threads} thread{'s' if threads > 1 else ''}"
    return {"median_ms": milliseconds, "p95_ms": "p95"}.get(field, f"to {peer}")
