"""Pictures that show the same photograph."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.lab.evaluation.duplicates import SAME, seen


def smooth(count, seed=0):
    """Return smooth pictures [count, 48, 48] that are unlike one another."""
    coarse = np.random.default_rng(seed).integers(40, 200, (count, 6, 6)).astype(np.float32)
    return np.stack([cv2.resize(c, (48, 48), interpolation=cv2.INTER_CUBIC) for c in coarse])


def mixed(correlation):
    """Return two pictures of 12 x 12 cells that correlate by so much."""
    one, other = np.linalg.qr(np.random.default_rng(0).normal(size=(144, 3)) + 1)[0].T[1:]
    one, other = one - one.mean(), other - other.mean()
    other = other - one * (one @ other) / (one @ one)
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    both = np.stack([one, correlation * one + np.sqrt(1 - correlation**2) * other])
    levels = np.rint(128 + 400 * both).astype(np.uint8).reshape(2, 12, 12)
    return levels.repeat(4, axis=1).repeat(4, axis=2)


def test_light_contrast_and_grain_make_no_other_picture():
    pictures = smooth(6)
    grain = np.random.default_rng(1).normal(0, 8, pictures.shape)
    changed = np.clip(pictures * 0.7 + 30 + grain, 0, 255).astype(np.uint8)
    assert seen(changed[:3], pictures.astype(np.uint8)).tolist() == [True] * 3
    assert seen(changed[:3], pictures[3:].astype(np.uint8)).tolist() == [False] * 3


def test_the_limit_is_a_correlation():
    for correlation in (SAME + 0.005, SAME - 0.005):
        one, other = mixed(correlation)
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] == pytest.approx(
            correlation, abs=0.002
        )
        assert seen(one[None], other[None]).tolist() == [correlation > SAME]


def test_many_pictures_are_compared_in_their_order():
    pictures = smooth(2100).astype(np.uint8)
    known = seen(pictures, pictures[[3, 2060]])
    assert np.flatnonzero(known).tolist() == [3, 2060]


def test_blank_pictures_are_equal_or_unlike():
    blank = np.full((2, 48, 48), 7, np.uint8)
    blank[1] = 8
    assert seen(blank, blank[:1]).tolist() == [True, False]


def test_nothing_is_like_nothing():
    nothing = np.empty((0, 48, 48), np.uint8)
    assert seen(nothing, smooth(1).astype(np.uint8)).tolist() == []
    assert seen(smooth(1).astype(np.uint8), nothing).tolist() == [False]
