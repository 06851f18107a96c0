"""Limits of a funnel plot of shares, widened for over-dispersion. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

_TRIMMED = 0.1
"""The share of units at each end whose z-scores are winsorised before the dispersion is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Limits around the common share, each of one entry per unit and within 0..1.

    `dispersion` is the factor by which variance exceeds the binomial one, at least 1.
    """

    target: float
    dispersion: float
    low_95: NDArray[np.float64]
    high_95: NDArray[np.float64]
    low_998: NDArray[np.float64]
    high_998: NDArray[np.float64]


def draw_funnel(successes: NDArray[np.int64], n: NDArray[np.int64]) -> Funnel:
    """Return the funnel of at least one unit, every n positive.

    Multiplicative over-dispersion from winsorised z-scores, used only where it exceeds 1 + 2√(2/k):
    Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, sections 2.2 and 5.
    """
    target = float(successes.sum() / n.sum())
    error = np.sqrt(target * (1 - target) / n)
    dispersion = _dispersion((successes / n - target) / error) if 0 < target < 1 else 1.0
    wide = error * np.sqrt(dispersion)
    z_95, z_998 = float(ndtri(0.975)), float(ndtri(0.999))
    return Funnel(
        target=target,
        dispersion=dispersion,
        low_95=np.clip(target - z_95 * wide, 0, 1),
        high_95=np.clip(target + z_95 * wide, 0, 1),
        low_998=np.clip(target - z_998 * wide, 0, 1),
        high_998=np.clip(target + z_998 * wide, 0, 1),
    )


def _dispersion(z: NDArray[np.float64]) -> float:
    low, high = np.quantile(z, (_TRIMMED, 1 - _TRIMMED))
    found = float(np.mean(np.clip(z, low, high) ** 2))
    return found if found > 1 + 2 * np.sqrt(2 / len(z)) else 1.0
