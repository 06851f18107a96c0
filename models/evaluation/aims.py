"""What the bundled models are aimed at, and whether the kept results reach it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.evaluation import prose
from models.evaluation.face_report import FaceEvaluation, FaceReport
from models.evaluation.grids import Grid, number, percent
from models.evaluation.report import AnnotationReport, ExpressionEvaluation
from models.evaluation.results import Results
from models.evaluation.timing import BenchReport

_EXPRESSION, _FACE = "motcua-expression", "motcua-face"
_TEACHER = "yunet-n"
_FEWEST_PX = ("width 48", "width 64", "width 112")  # landmarks are aimed at for these


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One aim: `wanted` in words, what was measured, and whether that reaches it."""

    what: str
    data: str
    wanted: str
    measured: str
    is_reached: bool

    @classmethod
    def at_least(cls, what: str, data: str, value: float, bound: float, *, share: bool) -> Aim:
        """Return an aim that greater figures reach."""
        show = percent if share else number
        return cls(
            what=what,
            data=data,
            wanted=f"≥ {show(bound)}",
            measured=show(value),
            is_reached=value >= bound,
        )

    @classmethod
    def at_most(cls, what: str, data: str, value: float, bound: float, *, share: bool) -> Aim:
        """Return an aim that smaller figures reach."""
        show = percent if share else number
        return cls(
            what=what,
            data=data,
            wanted=f"≤ {show(bound)}",
            measured=show(value),
            is_reached=value <= bound,
        )


def aims(results: Sequence[Results]) -> tuple[Aim, ...]:
    """Return every aim that the results tell anything of."""
    found: list[Aim] = []
    for result in results:
        if result.faces:
            found += _of_faces(result.faces)
    for result in results:
        if result.expressions:
            found += _of_expressions(result.expressions)
    for result in results:
        if result.bench:
            found += _of_bench(result.bench)
    return tuple(found)


def aims_grid(results: Sequence[Results]) -> Grid:
    """Return the aims as a table."""
    return Grid(
        title="Aims",
        heading=("aim", "data", "wanted", "measured", "reached"),
        rows=tuple(
            (aim.what, aim.data, aim.wanted, aim.measured, "yes" if aim.is_reached else "**no**")
            for aim in aims(results)
        ),
        has_numbers=False,
    )


def _of_faces(evaluation: FaceEvaluation) -> Iterator[Aim]:
    report = _report(evaluation, _FACE)
    if report is None:
        return
    conditions = {condition.name: condition for condition in report.conditions}
    for name, bound in (("width 32", 0.95), ("width 48", 0.98)):
        if name in conditions and (value := conditions[name].recall.value) is not None:
            yield Aim.at_least(f"faces found, {name}", evaluation.data, value, bound, share=True)
    false = report.false_faces
    if false and false.frames:
        yield Aim.at_most(
            "frames without faces in which one is found",
            evaluation.without_faces,
            false.frames_with / false.frames,
            1 / 200,
            share=True,
        )
    errors = [
        error
        for name in _FEWEST_PX
        if name in conditions and (error := conditions[name].landmark_error) is not None
    ]
    if errors:
        what = "error of landmarks in distances between the eyes, the worst of widths 48 to 112"
        yield Aim.at_most(what, evaluation.data, max(errors), 0.05, share=False)


def _report(evaluation: FaceEvaluation, model: str) -> FaceReport | None:
    return next((report for report in evaluation.models if report.model == model), None)


def _of_expressions(evaluation: ExpressionEvaluation) -> Iterator[Aim]:
    by_annotation: dict[str, dict[str, AnnotationReport]] = {}
    for report in evaluation.models:
        for annotated in report.annotations:
            by_annotation.setdefault(annotated.annotation, {})[report.model] = annotated
    bound = 0.75 if "label" in by_annotation else 0.80
    for annotation, reports in by_annotation.items():
        if _EXPRESSION in reports:
            data = f"{evaluation.data}, {prose.ANNOTATIONS[annotation]}"
            yield from _beside_peers(reports, data)
            yield from _of_sentiments(reports[_EXPRESSION], data, bound)


def _beside_peers(reports: dict[str, AnnotationReport], data: str) -> Iterator[Aim]:
    accuracies = {
        model: report.seven.accuracy.value
        for model, report in reports.items()
        if report.seven and report.seven.accuracy.value is not None
    }
    peers = {m: value for m, value in accuracies.items() if not m.startswith(_EXPRESSION)}
    if _EXPRESSION not in accuracies or not peers:
        return
    best = max(peers, key=peers.__getitem__)
    yield Aim(
        what="accuracy of seven classes above every peer",
        data=data,
        wanted=f"> {percent(peers[best])} ({best})",
        measured=percent(accuracies[_EXPRESSION]),
        is_reached=accuracies[_EXPRESSION] > peers[best],
    )


def _of_sentiments(report: AnnotationReport, data: str, bound: float) -> Iterator[Aim]:
    three = report.three
    if (f1 := three.macro_f1.value) is not None:
        yield Aim.at_least("macro-F1 of three classes", data, f1, bound, share=False)
    if (recall := three.recall_of("neutral").value) is not None:
        yield Aim.at_least("recall of neutral", data, recall, 0.88, share=True)
    if (error := three.calibration_error.value) is not None:
        yield Aim.at_most("ECE of three classes", data, error, 0.04, share=False)


def _of_bench(report: BenchReport) -> Iterator[Aim]:
    for timing in report.timings:
        if timing.threads != 1:
            continue
        if timing.model.startswith(_EXPRESSION):
            yield Aim.at_most(
                f"ms a face, one thread, {timing.model}",
                report.machine,
                timing.median_ms,
                0.6,
                share=False,
            )
        elif timing.model.startswith(_FACE) and timing.work == "320x256" and timing.ratio:
            yield Aim.at_most(
                f"time a frame of 320x256 to {_TEACHER}'s, one thread, {timing.model}",
                report.machine,
                timing.ratio,
                1.0,
                share=False,
            )
