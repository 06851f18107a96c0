"""What the bundled models are aimed at, and whether the kept results reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

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


def judge(
    what: str,
    data: str,
    value: float | None,
    bound: float,
    show: Show,
    *,
    is_most: bool = False,
    reason: Reason | None = None,
) -> Iterator[Aim]:
    """Yield an aim that greater figures reach, or smaller ones where the bound `is_most`.

    None of a figure that was not measured.
    """
    if value is not None:
        yield Aim(
            what=what,
            data=data,
            wanted=f"{'≤' if is_most else '≥'} {show(bound)}",
            measured=show(value),
            is_reached=value <= bound if is_most else value >= bound,
            reason=reason,
        )


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
    for report in (report for report in evaluation.models if report.model == _FACE):
        by_name = {condition.name: condition for condition in report.conditions}
        for name, bound in (("width 32", 0.95), ("width 48", 0.98)):
            if name in by_name:
                value = by_name[name].recall.value
                yield from judge(f"faces found, {name}", data, value, bound, percent)
        if (false := report.false_faces) and false.frames:
            what = "frames without faces in which one is found"
            value, data_of = false.frames_with / false.frames, evaluation.without_faces
            yield from judge(what, data_of, value, 1 / 200, percent, is_most=True)
        errors = [by_name[name].landmark_error for name in _LANDMARK_WIDTHS if name in by_name]
        worst = max((error for error in errors if error is not None), default=None)
        what = "error of landmarks in distances between the eyes, the worst of widths 48 to 112"
        yield from judge(what, data, worst, 0.05, number, is_most=True, reason=Reason.LANDMARKS)


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
    three, label = report.three, report.annotation
    why = Reason.OWN_LABELS if label == ORIGINAL else None
    f1, recall = three.macro_f1.value, three.neutral_recall.value
    few = Reason.FEW_NEGATIVES if label == LABEL else why
    yield from judge("macro-F1 of three classes", data, f1, bound, number, reason=few)
    yield from judge("recall of neutral", data, recall, 0.88, percent, reason=why)
    error = three.calibration_error.value
    yield from judge("ECE of three classes", data, error, 0.04, number, is_most=True, reason=why)


def _of_bench(report: BenchReport) -> Iterator[Aim]:
    at = report.machine
    for t in (timing for timing in report.timings if timing.threads == 1):
        model, why = t.model.removesuffix("-int8"), Reason.MACHINE
        if model == _EXPRESSION:
            what = f"ms a face, one thread, {t.model}"
            yield from judge(what, at, t.median_ms, 0.6, number, is_most=True, reason=why)
        if model == _FACE and t.work == "320x256":
            what = f"time a frame of 320x256 to yunet-n's, one thread, {t.model}"
            yield from judge(what, at, t.ratio, 1.0, number, is_most=True)
