"""Logistic regression with a ridge penalty and, if wanted, partially pooled group intercepts. Pure.

Hoerl and Kennard (1970), Technometrics 12, 55-67; le Cessie and van Houwelingen (1992), Applied
Statistics 41, 191-201. Fitted by Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIDGE = 1.0
"""Penalty of each standardised coefficient: that of a normal prior with standard deviation 1."""

PSEUDO_CASES = 1.0
"""Half a success and half a failure at the mean: the estimate stays finite when all are equal.

Jeffreys' prior of one share; Firth (1993), Biometrika 80, 27-38.
"""

_STEPS, _CLOSE = 12, 1e-5
_LARGEST = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A fitted model: `coefficients` (p,), `intercept`, and `groups` (g,) intercepts about it."""

    coefficients: NDArray[np.float64]
    intercept: float
    groups: NDArray[np.float64]

    def linear(
        self, x: NDArray[np.float64], group: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """Return the linear predictors (n,) of the rows of `x` (n, p)."""
        eta: NDArray[np.float64] = x @ self.coefficients + self.intercept
        return eta if group is None else eta + self.groups[group]

    def predict(
        self, x: NDArray[np.float64], group: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """Return the probabilities (n,) of the rows of `x` (n, p)."""
        return expit(self.linear(x, group))


def expit(eta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-eta)) without overflow."""
    bounded: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(eta, -_LARGEST, _LARGEST)))
    return bounded


def fit(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    weights: NDArray[np.float64] | None = None,
    start: Logistic | None = None,
    steps: int = _STEPS,
) -> Logistic:
    """Return the ridge fit of `y` (n,) in 0..1 on the standardised features `x` (n, p)."""
    n, p = x.shape
    weight = np.ones(n) if weights is None else weights
    design = np.column_stack([x, np.ones(n)])
    penalty = np.append(np.full(p, RIDGE), 0.0)
    beta = np.zeros(p + 1)
    if start is not None:
        beta = np.append(start.coefficients, start.intercept)
    for _ in range(steps):
        mean = expit(design @ beta)
        slope = design.T @ (weight * (y - mean)) - penalty * beta
        curve = (design * (weight * np.maximum(mean * (1 - mean), 1e-9))[:, None]).T @ design
        centre = float(expit(beta[-1:])[0])
        slope[-1] += PSEUDO_CASES * (0.5 - centre)
        curve[-1, -1] += PSEUDO_CASES * centre * (1 - centre)
        step = np.linalg.solve(curve + np.diag(penalty) + 1e-9 * np.eye(p + 1), slope)
        beta = beta + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < _CLOSE:
            break
    return Logistic(coefficients=beta[:-1], intercept=float(beta[-1]), groups=np.zeros(0))


def fit_grouped(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    group: NDArray[np.int64],
    groups: int,
    *,
    start: Logistic | None = None,
    steps: int = _STEPS,
) -> Logistic:
    """Return the fit with a normal intercept for each of `groups` groups, `group` (n,) of a row.

    The intercepts' variance is estimated along the way by expectation and maximisation: Breslow
    and Clayton (1993), JASA 88, 9-25, section 2. Groups without rows have the intercept zero.
    """
    n, p = x.shape
    design = np.column_stack([x, np.ones(n)])
    penalty = np.append(np.full(p, RIDGE), 0.0)
    beta, effect, variance = np.zeros(p + 1), np.zeros(groups), 1.0
    if start is not None:
        beta, effect = np.append(start.coefficients, start.intercept), start.groups.copy()
        variance = max(float(np.mean(effect**2)), 0.01)
    for _ in range(steps):
        mean = expit(design @ beta + effect[group])
        curved = np.maximum(mean * (1 - mean), 1e-9)
        weighted = design * curved[:, None]
        # The groups' block is diagonal: it is eliminated, and a small system remains.
        own = np.bincount(group, curved, groups) + 1 / variance
        cross = np.column_stack(
            [np.bincount(group, weighted[:, column], groups) for column in range(p + 1)]
        )
        slope = design.T @ (y - mean) - penalty * beta
        centre = float(expit(beta[-1:])[0])
        slope[-1] += PSEUDO_CASES * (0.5 - centre)
        slope_groups = np.bincount(group, y - mean, groups) - effect / variance
        curve = weighted.T @ design + np.diag(penalty) + 1e-9 * np.eye(p + 1)
        curve[-1, -1] += PSEUDO_CASES * centre * (1 - centre)
        reduced = curve - cross.T @ (cross / own[:, None])
        step = np.linalg.solve(reduced, slope - cross.T @ (slope_groups / own))
        step_groups = (slope_groups - cross @ step) / own
        beta, effect = beta + np.clip(step, -2, 2), effect + np.clip(step_groups, -2, 2)
        variance = max(float(np.mean(effect**2 + 1 / own)), 0.01)
        if max(float(np.abs(step).max()), float(np.abs(step_groups).max())) < _CLOSE:
            break
    return Logistic(coefficients=beta[:-1], intercept=float(beta[-1]), groups=effect)
