"""What units are above or below what is seen of their visits, as far as ratings can tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PRIOR_SPREAD, PRIOR_UNITS = 0.05, 2.0
"""Between units alike, five points are expected before any are seen, with the weight of two units.

Without it, units that chance made look equal would be told as equal without any doubt.
"""

_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Differences on the scale of shares, one a unit (u,).

    `mean` with `mean_variance` is what all units have in common; `unit` its own effect, shrunken
    towards it, `own_variance` the doubt that is the unit's own, and `leaning` how much of the
    common doubt it shares: a unit's whole variance is own_variance + leaning² x mean_variance.
    """

    mean: float
    mean_variance: float
    spread: float
    unit: NDArray[np.float64]
    own_variance: NDArray[np.float64]
    leaning: NDArray[np.float64]


def shrink(residual: NDArray[np.float64], variance: NDArray[np.float64]) -> Effects:
    """Return the effects of units from their mean residuals (u,) and those's variances (u,).

    Units without ratings have an infinite variance. The spread between units is that of Paule and
    Mandel (1982), J. Research NBS 87, 377-385; shrinkage and the allowance for its being estimated
    after Morris (1983), JASA 78, 47-55, formula 1.17. At least one variance is finite.
    """
    known = np.isfinite(variance)
    y, v = residual[known], variance[known]
    estimated = _paule_mandel(y, v)
    degrees = max(0.0, y.size - 1.0)
    between = (PRIOR_UNITS * PRIOR_SPREAD**2 + degrees * estimated) / (PRIOR_UNITS + degrees)
    weight = 1 / (between + v)
    mean = float((weight * y).sum() / weight.sum())
    pull = np.ones(residual.size)
    pull[known] = v / (v + between)
    effect = np.full(residual.size, mean)
    effect[known] = mean + (1 - pull[known]) * (y - mean)
    own = np.full(residual.size, between)
    allowance = 2 / (degrees + PRIOR_UNITS) * pull[known] ** 2 * (y - mean) ** 2
    own[known] = between * pull[known] + allowance
    return Effects(
        mean=mean,
        mean_variance=float(1 / weight.sum()),
        spread=float(np.sqrt(between)),
        unit=effect,
        own_variance=own,
        leaning=pull,
    )


def _paule_mandel(y: NDArray[np.float64], v: NDArray[np.float64]) -> float:
    """Return the variance between units at which weighted squares are as expected, or 0."""

    def excess(between: float) -> float:
        weight = 1 / np.maximum(between + v, 1e-12)
        mean = (weight * y).sum() / weight.sum()
        return float((weight * (y - mean) ** 2).sum() - (y.size - 1))

    if y.size < 2 or excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2
