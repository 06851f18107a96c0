"""Intervals by resampling people, or pictures where nobody says who is on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.lab.evaluation.metrics import ECE_BINS, Array, Indices, bin_of

RESAMPLES = 1000
LEVEL = 0.95
_SEED = 20261125
_CELLS_AT_ONCE = 4_000_000  # 32 MB of draws


def groups_of(people: Sequence[str]) -> Indices:
    """Return a number for each face: equal for those of one person, its own where unnamed."""
    numbers: dict[str, int] = {}
    keys = [person or f"\0{index}" for index, person in enumerate(people)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.intp)


def resample(sums: Array, resamples: int = RESAMPLES, seed: int = _SEED) -> Array:
    """Return resamples x cells: for each resample the total over as many drawn rows as there are.

    `sums` are groups x cells. Whatever is a ratio of sums, as confusions and calibration are, can
    be had of the totals. The draws depend on the number of groups alone: two models on the same
    faces get the same ones, so their figures differ by the models and not by the draws.
    """
    groups = len(sums)
    generator = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // max(groups, 1))
    totals = [
        _weights(generator, groups, min(at_once, resamples - done)) @ sums
        for done in range(0, resamples, at_once)
    ]
    return np.concatenate(totals)


def confusion_sums(groups: Indices, truth: Indices, predicted: Indices, classes: int) -> Array:
    """Return groups x classes² counts: each group's confusion matrix, row by row."""
    return _sums(groups, truth * classes + predicted, classes * classes)


def calibration_sums(
    groups: Indices, confidence: NDArray[np.floating], right: NDArray[np.bool_]
) -> Array:
    """Return groups x 3 bins: each group's faces, confidence and right predictions per bin."""
    at = bin_of(confidence)
    weights = (None, confidence, right.astype(np.float64))
    return np.concatenate([_sums(groups, at, ECE_BINS, values) for values in weights], axis=1)


def interval(figures: Array, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of resampled figures; resamples without one are left out."""
    known = figures[~np.isnan(figures)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def centred_interval(value: float, figures: Array, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval of a biased figure in 0..1, moved by its bias.

    The bias is estimated as the mean of the resampled figures less `value`, that of the data
    (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 10).
    """
    known = figures[~np.isnan(figures)]
    if np.isnan(value) or not len(known):
        return float("nan"), float("nan")
    low, high = np.clip(interval(known - (known.mean() - value), level), 0.0, 1.0)
    return float(low), float(high)


def _weights(generator: np.random.Generator, groups: int, resamples: int) -> Array:
    """Return resamples x groups: how often each group was drawn."""
    drawn = generator.integers(0, groups, (resamples, groups))
    rows = np.arange(resamples)[:, None] * groups
    counts = np.bincount((drawn + rows).ravel(), minlength=resamples * groups)
    return counts.reshape(resamples, groups).astype(np.float64)


def _sums(
    groups: Indices, cell: Indices, cells: int, values: NDArray[np.floating] | None = None
) -> Array:
    n_groups = int(groups.max(initial=-1)) + 1
    flat = np.bincount(groups * cells + cell, weights=values, minlength=n_groups * cells)
    return flat.reshape(n_groups, cells).astype(np.float64)
