"""What the bundled models are aimed at, and whether the kept results reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from models.lab.evaluation import prose
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.fer2013 import ORIGINAL
from models.lab.evaluation.folder import LABEL
from models.lab.evaluation.grids import Grid, number, percent
from models.lab.evaluation.report import AnnotationReport, ExpressionEvaluation
from models.lab.evaluation.timing import BenchReport

_EXPRESSION, _FACE = "motcua-expression", "motcua-face"
_TEACHER = "yunet-n"
_LANDMARK_WIDTHS = ("width 48", "width 64", "width 112")

Show: TypeAlias = Callable[[float], str]
"""How a figure is written."""


class Reason(StrEnum):
    """What is known of why some aims are missed; `shortfalls` tells it in words."""

    OWN_LABELS = "one annotator's labels"
    FEW_NEGATIVES = "few negative faces"
    LANDMARKS = "labels that scatter"
    MACHINE = "a slow machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One aim: `wanted` in words, what was measured, and whether that reaches it.

    `reason` is why it may be missed, None where nothing is known of that.
    """

    what: str
    data: str
    wanted: str
    measured: str
    is_reached: bool
    reason: Reason | None = None


def at_least(
    what: str, data: str, value: float, bound: float, show: Show, reason: Reason | None = None
) -> Aim:
    """Return an aim that greater figures reach."""
    return Aim(
        what=what,
        data=data,
        wanted=f"≥ {show(bound)}",
        measured=show(value),
        is_reached=value >= bound,
        reason=reason,
    )


def at_most(
    what: str, data: str, value: float, bound: float, show: Show, reason: Reason | None = None
) -> Aim:
    """Return an aim that smaller figures reach."""
    return replace(
        at_least(what, data, value, bound, show, reason),
        wanted=f"≤ {show(bound)}",
        is_reached=value <= bound,
    )


def aims(
    faces: Sequence[FaceEvaluation],
    expressions: Sequence[ExpressionEvaluation],
    benches: Sequence[BenchReport],
) -> tuple[Aim, ...]:
    """Return every aim that the figures of the bundled models tell anything of.

    People by whom the models were calibrated judge none.
    """
    return (
        *(aim for evaluation in faces for aim in _of_faces(evaluation)),
        *(
            aim
            for evaluation in expressions
            if not evaluation.is_of_calibration
            for aim in _of_expressions(evaluation)
        ),
        *(aim for report in benches for aim in _of_bench(report)),
    )


def aims_grid(found: Sequence[Aim]) -> Grid:
    """Return the aims as a table."""
    return Grid(
        title="Aims",
        heading=("aim", "data", "wanted", "measured", "reached"),
        rows=tuple(
            (aim.what, aim.data, aim.wanted, aim.measured, "yes" if aim.is_reached else "**no**")
            for aim in found
        ),
        has_numbers=False,
    )


def _of_faces(evaluation: FaceEvaluation) -> Iterator[Aim]:
    report = next((report for report in evaluation.models if report.model == _FACE), None)
    if report is None:
        return
    conditions = {condition.name: condition for condition in report.conditions}
    for name, bound in (("width 32", 0.95), ("width 48", 0.98)):
        if name in conditions and (value := conditions[name].recall.value) is not None:
            yield at_least(f"faces found, {name}", evaluation.data, value, bound, percent)
    false = report.false_faces
    if false and false.frames:
        yield at_most(
            "frames without faces in which one is found",
            evaluation.without_faces,
            false.frames_with / false.frames,
            1 / 200,
            percent,
        )
    errors = [
        error
        for name in _LANDMARK_WIDTHS
        if name in conditions and (error := conditions[name].landmark_error) is not None
    ]
    if errors:
        what = "error of landmarks in distances between the eyes, the worst of widths 48 to 112"
        yield at_most(what, evaluation.data, max(errors), 0.05, number, Reason.LANDMARKS)


def _of_expressions(evaluation: ExpressionEvaluation) -> Iterator[Aim]:
    by_annotation: dict[str, dict[str, AnnotationReport]] = {}
    for report in evaluation.models:
        for annotated in report.annotations:
            by_annotation.setdefault(annotated.annotation, {})[report.model] = annotated
    bound = 0.75 if LABEL in by_annotation else 0.80
    for annotation, reports in by_annotation.items():
        if _EXPRESSION in reports:
            data = f"{evaluation.judged_by}, {prose.ANNOTATIONS[annotation]}"
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
    reason = Reason.OWN_LABELS if report.annotation == ORIGINAL else None
    if (f1 := three.macro_f1.value) is not None:
        why = Reason.FEW_NEGATIVES if report.annotation == LABEL else reason
        yield at_least("macro-F1 of three classes", data, f1, bound, number, why)
    if (recall := three.recall_of("neutral").value) is not None:
        yield at_least("recall of neutral", data, recall, 0.88, percent, reason)
    if (error := three.calibration_error.value) is not None:
        yield at_most("ECE of three classes", data, error, 0.04, number, reason)


def _of_bench(report: BenchReport) -> Iterator[Aim]:
    for timing in report.timings:
        if timing.threads != 1:
            continue
        if timing.model in _versions(_EXPRESSION):
            yield at_most(
                f"ms a face, one thread, {timing.model}",
                report.machine,
                timing.median_ms,
                0.6,
                number,
                Reason.MACHINE,
            )
        elif timing.model in _versions(_FACE) and timing.work == "320x256" and timing.ratio:
            yield at_most(
                f"time a frame of 320x256 to {_TEACHER}'s, one thread, {timing.model}",
                report.machine,
                timing.ratio,
                1.0,
                number,
            )


def _versions(model: str) -> tuple[str, str]:
    """Return the bundled names of a model; those of other weights are called otherwise."""
    return model, f"{model}-int8"
