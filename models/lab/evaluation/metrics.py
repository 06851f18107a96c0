"""Figures of a classifier as pure functions: of a confusion matrix, or of sums per confidence bin.

A confusion matrix is [..., truth, predicted]. All figures but the last two are ratios of sums, so
they work on a stack of matrices as well, one for each bootstrap resample. A figure over classes
takes those that occur in the truth; it is NaN where there is none.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]

ECE_BINS = 15


def confusion(truth: Indices, predicted: Indices, classes: int) -> Array:
    """Return classes x classes counts, truth in rows and predictions in columns."""
    pairs = truth * classes + predicted
    counts = np.bincount(pairs, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.float64)


def accuracy(counts: Array) -> Array:
    """Return the share of right predictions."""
    return _ratio(np.trace(counts, axis1=-2, axis2=-1), counts.sum(axis=(-2, -1)))


def recalls(counts: Array) -> Array:
    """Return for each class the share of its faces that were told; NaN for an absent class."""
    return _ratio(_diagonal(counts), counts.sum(axis=-1))


def precisions(counts: Array) -> Array:
    """Return for each class the share of its predictions that were right; NaN where never given."""
    return _ratio(_diagonal(counts), counts.sum(axis=-2))


def f1_scores(counts: Array) -> Array:
    """Return for each class 2 tp / (2 tp + fp + fn); NaN for a class absent from the truth."""
    occurrences = counts.sum(axis=-1)
    scores = _ratio(2 * _diagonal(counts), occurrences + counts.sum(axis=-2))
    return np.where(occurrences > 0, scores, np.nan)


def balanced_accuracy(counts: Array) -> Array:
    """Return the mean recall of the classes that occur."""
    return _mean(recalls(counts))


def macro_f1(counts: Array) -> Array:
    """Return the mean F1 of the classes that occur."""
    return _mean(f1_scores(counts))


def bin_of(confidence: NDArray[np.floating], bins: int = ECE_BINS) -> Indices:
    """Return the equal-width bin ((m-1)/bins, m/bins] of each confidence in 0..1."""
    above: Indices = np.ceil(confidence * bins).astype(np.intp)
    return np.clip(above, 1, bins) - 1


def bin_sums(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = ECE_BINS
) -> Array:
    """Return 3 x bins: faces, their summed confidence, and how many predictions were right."""
    at = bin_of(confidence, bins)
    weights = (np.ones(len(at)), confidence, right)
    return np.stack([np.bincount(at, weights=w, minlength=bins) for w in weights])


def calibration_error(sums: Array) -> Array:
    """Return the expected calibration error of [..., 3, bins] sums as `bin_sums` gives them.

    ECE = sum over bins of |bin| / n * |accuracy(bin) - mean confidence(bin)|, of the most probable
    label (Naeini, Cooper and Hauskrecht 2015; Guo, Pleiss, Sun and Weinberger 2017, equation 3).
    """
    faces, confidence, right = sums[..., 0, :], sums[..., 1, :], sums[..., 2, :]
    return _ratio(np.abs(right - confidence).sum(axis=-1), faces.sum(axis=-1))


def risk_at(certainty: NDArray[np.floating], right: NDArray[np.bool_], coverage: float) -> float:
    """Return the share of wrong ones among the `coverage` most certain, at least one face."""
    if not len(right):
        return float("nan")
    kept = max(1, round(coverage * len(right)))
    best = np.argsort(-certainty, kind="stable")[:kept]
    return float(1 - right[best].mean())


def area_under_risk(certainty: NDArray[np.floating], right: NDArray[np.bool_]) -> float:
    """Return the mean risk over all coverages 1/n, 2/n ... 1.

    That is AURC (Geifman, Uziel and El-Yaniv 2019).
    """
    if not len(right):
        return float("nan")
    wrong = ~right[np.argsort(-certainty, kind="stable")]
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


def _diagonal(counts: Array) -> Array:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _ratio(part: Array, whole: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, np.divide(part, whole), np.nan)


def _mean(values: Array) -> Array:
    present = ~np.isnan(values)
    return _ratio(np.where(present, values, 0.0).sum(axis=-1), present.sum(axis=-1).astype(float))
