"""From truth and predictions as arrays to figures with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.lab.evaluation import metrics
from models.lab.evaluation.bootstrap import (
    calibration_sums,
    centred_interval,
    confusion_sums,
    interval,
    resample,
)
from models.lab.evaluation.labels import EXPRESSIONS, SENTIMENTS
from models.lab.evaluation.metrics import ECE_BINS, Array, Indices
from models.lab.evaluation.report import (
    CalibrationBin,
    ClassFigures,
    Classification,
    Figure,
    RiskPoint,
    Selection,
    Summary,
)

FEWEST_PEOPLE = 10
"""Of fewer people no interval is given: resampling them tells nothing of people at large."""

COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classified:
    """What n faces show and what was predicted; `groups` numbers their people."""

    groups: Indices
    truth: Indices
    predicted: Indices
    confidence: Array

    def __len__(self) -> int:
        return len(self.truth)

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Classified:
        """Return some of the faces."""
        return Classified(
            groups=self.groups[chosen],
            truth=self.truth[chosen],
            predicted=self.predicted[chosen],
            confidence=self.confidence[chosen],
        )

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which predictions are right."""
        right: NDArray[np.bool_] = self.truth == self.predicted
        return right


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The same faces in seven classes, None where people labelled sentiments only, and in three."""

    seven: Classified | None
    three: Classified

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Judged:
        """Return some of the faces."""
        return Judged(
            seven=None if self.seven is None else self.seven[chosen], three=self.three[chosen]
        )


def classify(classified: Classified, labels: Sequence[str]) -> Classification:
    """Return every figure of the predictions, with intervals over their people."""
    classes = len(labels)
    counts = metrics.confusion(classified.truth, classified.predicted, classes)
    sums = metrics.bin_sums(classified.confidence, classified.right)
    drawn_counts, drawn_sums = _resampled(classified, classes)

    has_interval = _people(classified.groups) >= FEWEST_PEOPLE

    def figure(of: Array, drawn: Array, *, is_biased: bool = False) -> Figure:
        value = float(of)
        if not has_interval:
            return Figure(value=_number(value))
        low, high = centred_interval(value, drawn) if is_biased else interval(drawn)
        return Figure(value=_number(value), low=_number(low), high=_number(high))

    drawn_recalls = metrics.recalls(drawn_counts)
    recalls, precisions = metrics.recalls(counts), metrics.precisions(counts)
    f1_scores = metrics.f1_scores(counts)
    return Classification(
        n=len(classified),
        accuracy=figure(metrics.accuracy(counts), metrics.accuracy(drawn_counts)),
        macro_f1=figure(metrics.macro_f1(counts), metrics.macro_f1(drawn_counts)),
        balanced_accuracy=figure(
            metrics.balanced_accuracy(counts), metrics.balanced_accuracy(drawn_counts)
        ),
        calibration_error=figure(
            metrics.calibration_error(sums),
            metrics.calibration_error(drawn_sums),
            is_biased=True,
        ),
        classes=tuple(
            ClassFigures(
                label=str(label),
                n=int(counts[index].sum()),
                recall=figure(recalls[index], drawn_recalls[:, index]),
                precision=_number(precisions[index]),
                f1=_number(f1_scores[index]),
            )
            for index, label in enumerate(labels)
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in counts),
        calibration=_bins(sums),
    )


def summarise(judged: Judged) -> Summary:
    """Return the figures that are followed through conditions."""
    three = classify(judged.three, SENTIMENTS)
    seven = None if judged.seven is None else classify(judged.seven, EXPRESSIONS)
    none = Figure(value=None)
    return Summary(
        n=three.n,
        seven_accuracy=seven.accuracy if seven else none,
        seven_macro_f1=seven.macro_f1 if seven else none,
        seven_calibration_error=seven.calibration_error if seven else none,
        three_accuracy=three.accuracy,
        three_macro_f1=three.macro_f1,
        three_calibration_error=three.calibration_error,
        neutral_recall=three.neutral_recall,
    )


def select(certainty: Array, right: NDArray[np.bool_], signal: str) -> Selection:
    """Return the risk at each coverage, and over all of them."""
    return Selection(
        signal=signal,
        area=_number(metrics.area_under_risk(certainty, right)),
        points=tuple(
            RiskPoint(coverage=coverage, risk=_number(metrics.risk_at(certainty, right, coverage)))
            for coverage in COVERAGES
        ),
    )


def share(chosen: NDArray[np.bool_], groups: Indices) -> Figure:
    """Return which part of the faces is chosen."""
    if not len(chosen):
        return Figure(value=None)
    if _people(groups) < FEWEST_PEOPLE:
        return Figure(value=_number(float(chosen.mean())))
    faces = np.bincount(groups).astype(np.float64)
    kept = np.bincount(groups, weights=chosen).astype(np.float64)
    totals = resample(np.stack([kept, faces], axis=1)[faces > 0])
    low, high = interval(totals[:, 0] / totals[:, 1])
    return Figure(value=_number(float(chosen.mean())), low=_number(low), high=_number(high))


def part(chosen: NDArray[np.bool_]) -> float | None:
    """Return which part of the faces is chosen, without an interval; None of no faces."""
    return _number(float(chosen.mean())) if len(chosen) else None


def _resampled(classified: Classified, classes: int) -> tuple[Array, Array]:
    """Return the confusions and the bins' sums of every resample."""
    if not len(classified):
        return np.zeros((1, classes, classes)), np.zeros((1, 3, ECE_BINS))
    groups = np.unique(classified.groups, return_inverse=True)[1]
    cells = classes * classes
    sums = np.concatenate(
        [
            confusion_sums(groups, classified.truth, classified.predicted, classes),
            calibration_sums(groups, classified.confidence, classified.right),
        ],
        axis=1,
    )
    totals = resample(sums)
    return totals[:, :cells].reshape(-1, classes, classes), totals[:, cells:].reshape(
        -1, 3, ECE_BINS
    )


def _people(groups: Indices) -> int:
    return len(np.unique(groups))


def _bins(sums: Array) -> tuple[CalibrationBin, ...]:
    return tuple(
        CalibrationBin(
            upto=round((index + 1) / ECE_BINS, 4),
            n=int(n),
            confidence=_number(confidence / n) if n else None,
            accuracy=_number(right / n) if n else None,
        )
        for index, (n, confidence, right) in enumerate(sums.T.tolist())
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 5)
