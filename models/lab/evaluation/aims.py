"""What the bundled models are aimed at, and whether the kept results reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from contract.manifest import Sentiment
from models.lab.evaluation.face_report import FaceEvaluation
from models.lab.evaluation.fer2013 import FERPLUS, ORIGINAL
from models.lab.evaluation.figure_tables import against, annotation_names
from models.lab.evaluation.folder import LABEL
from models.lab.evaluation.report import AnnotationReport, ExpressionEvaluation
from models.lab.evaluation.tables import number, percent
from models.lab.evaluation.timing import BenchReport

ANNOTATIONS: Mapping[str, str] = MappingProxyType(
    {
        ORIGINAL: "FER2013's own labels",
        FERPLUS: "the majority of FER+ votes",
        LABEL: "the column `label`",
    }
)
"""What the keys of a face's labels mean."""

_EXPRESSION, _FACE = "motcua-expression", "motcua-face"
_LANDMARK_WIDTHS = ("width 48", "width 64", "width 112")

Show: TypeAlias = Callable[[float], str]
"""How a figure is written."""


class Reason(StrEnum):
    """What is known of why some aims are missed; the document says it in words."""

    OWN_LABELS = "own_labels"
    FEW_NEGATIVES = "few_negatives"
    LANDMARKS = "landmarks"
    MACHINE = "machine"


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
    aim = at_least(what, data, value, bound, show, reason)
    return replace(aim, wanted=f"≤ {show(bound)}", is_reached=value <= bound)


def aims(
    faces: Sequence[FaceEvaluation],
    expressions: Sequence[ExpressionEvaluation],
    benches: Sequence[BenchReport],
) -> tuple[Aim, ...]:
    """Return every aim that the figures of the bundled models tell anything of.

    People by whom the models were calibrated judge none.
    """
    judging = [evaluation for evaluation in expressions if not evaluation.is_of_calibration]
    return (
        *(aim for evaluation in faces for aim in _of_faces(evaluation)),
        *(aim for evaluation in judging for aim in _of_expressions(evaluation)),
        *(aim for report in benches for aim in _of_bench(report)),
    )


def _of_faces(evaluation: FaceEvaluation) -> Iterator[Aim]:
    data = evaluation.data
    for report in evaluation.models:
        if report.model != _FACE:
            continue
        by_name = {condition.name: condition for condition in report.conditions}
        for name, bound in (("width 32", 0.95), ("width 48", 0.98)):
            if name in by_name and (value := by_name[name].recall.value) is not None:
                yield at_least(f"faces found, {name}", data, value, bound, percent)
        if (false := report.false_faces) and false.frames:
            what = "frames without faces in which one is found"
            share = false.frames_with / false.frames
            yield at_most(what, evaluation.without_faces, share, 1 / 200, percent)
        of = [by_name[name].landmark_error for name in _LANDMARK_WIDTHS if name in by_name]
        if errors := [error for error in of if error is not None]:
            what = "error of landmarks in distances between the eyes, the worst of widths 48 to 112"
            yield at_most(what, data, max(errors), 0.05, number, Reason.LANDMARKS)


def _of_expressions(evaluation: ExpressionEvaluation) -> Iterator[Aim]:
    annotations = annotation_names(evaluation)
    for annotation in annotations:
        reports = dict(against(evaluation, annotation))
        if ours := reports.get(_EXPRESSION):
            data = f"{evaluation.judged_by}, {ANNOTATIONS[annotation]}"
            yield from _beside_peers(reports, data)
            yield from _of_sentiments(ours, data, 0.75 if LABEL in annotations else 0.80)


def _beside_peers(reports: Mapping[str, AnnotationReport], data: str) -> Iterator[Aim]:
    accuracies = {
        model: report.seven.accuracy.value
        for model, report in reports.items()
        if report.seven and report.seven.accuracy.value is not None
    }
    peers = {m: value for m, value in accuracies.items() if not m.startswith(_EXPRESSION)}
    if (ours := accuracies.get(_EXPRESSION)) is not None and peers:
        best = max(peers, key=peers.__getitem__)
        yield Aim(
            what="accuracy of seven classes above every peer",
            data=data,
            wanted=f"> {percent(peers[best])} ({best})",
            measured=percent(ours),
            is_reached=ours > peers[best],
        )


def _of_sentiments(report: AnnotationReport, data: str, bound: float) -> Iterator[Aim]:
    three = report.three
    reason = Reason.OWN_LABELS if report.annotation == ORIGINAL else None
    if (f1 := three.macro_f1.value) is not None:
        why = Reason.FEW_NEGATIVES if report.annotation == LABEL else reason
        yield at_least("macro-F1 of three classes", data, f1, bound, number, why)
    if (recall := three.recall_of(Sentiment.NEUTRAL).value) is not None:
        yield at_least("recall of neutral", data, recall, 0.88, percent, reason)
    if (error := three.calibration_error.value) is not None:
        yield at_most("ECE of three classes", data, error, 0.04, number, reason)


def _of_bench(report: BenchReport) -> Iterator[Aim]:
    """Yield aims of the bundled names alone: models of other weights are called otherwise."""
    for timing in report.timings:
        model, at = timing.model.removesuffix("-int8"), report.machine
        if timing.threads == 1 and model == _EXPRESSION:
            what = f"ms a face, one thread, {timing.model}"
            yield at_most(what, at, timing.median_ms, 0.6, number, Reason.MACHINE)
        if timing.threads == 1 and model == _FACE and timing.work == "320x256" and timing.ratio:
            what = f"time a frame of 320x256 to yunet-n's, one thread, {timing.model}"
            yield at_most(what, at, timing.ratio, 1.0, number)
