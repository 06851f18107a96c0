"""Shares as they would be if every member did the same mix of work. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.rankings.cells import Cells, Factor

Floats = NDArray[np.float64]

_FIRST_SD, _LEAST_SD, _MOST_SD = 0.05, 0.002, 0.3
"""Standard deviations of effects within a factor: where the search begins, and its bounds."""
_ROUNDS = 12
_SETTLED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """Members' shares, crude and standardised to the common mix; arrays have one entry a member.

    `level` is the crude share of all together. `mix` has each member's share of every level of
    every factor (members x levels, the factors one after another as in `slices`), `common` that of
    all together, `effects` what each level adds to a share and `effects_cov` its covariance.
    `adjusted` is crude - (mix - common)·effects; `error_sd` its standard error for given effects.
    """

    n: Floats
    k: Floats
    level: float
    slices: Mapping[Factor, slice]
    mix: Floats
    common: Floats
    effects: Floats
    effects_cov: Floats
    adjusted: Floats
    error_sd: Floats

    @property
    def crude(self) -> Floats:
        """The shares as they were counted."""
        return self.k / self.n

    @property
    def departures(self) -> Floats:
        """How far each member's mix is from the common one (members x levels)."""
        return self.mix - self.common

    @property
    def mix_sd(self) -> Floats:
        """The standard error of what the mix is said to explain."""
        away = self.departures
        variance: Floats = ((away @ self.effects_cov) * away).sum(axis=1)
        return np.asarray(np.sqrt(np.maximum(0, variance)))

    @property
    def expected(self) -> Floats:
        """How many successes each member's mix gives at the common level: for the funnel alone."""
        share = np.clip(self.level + self.departures @ self.effects, 1e-6, 1 - 1e-6)
        return self.n * share

    def explained_by(self, factor: Factor) -> Floats:
        """Return what each member's mix in `factor` adds to its crude share."""
        part = self.slices[factor]
        return self.departures[:, part] @ self.effects[part]


def standardise(cells: Cells) -> Standardised:
    """Return the standardised shares of at least one member, each with at least one case.

    A linear model of each case, share = level + effects of its work + effect of its member. Effects
    of work come from differences within members only, so that good members who do easy work do not
    make easy work look easier (the within estimator: Wooldridge (2010), Econometric Analysis of
    Cross Section and Panel Data, 2nd edition, section 10.5), each drawn to zero by a normal prior.
    The model is linear so that parts of a difference add up exactly. Direct standardisation:
    Keiding and Clayton (2014), Statistical Science 29, 529-558.
    """
    size = len(cells.members)
    slices, width = _slices(cells)
    n = np.bincount(cells.member, weights=cells.n, minlength=size).astype(np.float64)
    k = np.bincount(cells.member, weights=cells.k, minlength=size).astype(np.float64)
    counts = np.zeros((size, width))
    successes = np.zeros(width)
    for factor, part in slices.items():
        code, levels = cells.codes[factor], part.stop - part.start
        flat = np.bincount(cells.member * levels + code, cells.n, size * levels)
        counts[:, part] = flat.reshape(size, levels)
        successes[part] = np.bincount(code, cells.k, levels)
    level = float(k.sum() / n.sum())
    variance = max(level * (1 - level), 1 / (n.sum() + 2))
    mix, common = counts / n[:, None], counts.sum(axis=0) / n.sum()
    inner = _products(cells, slices, width) - counts.T @ mix
    outer = successes - mix.T @ k
    effects, inverse = _pooled_effects(inner, outer, variance, slices)
    adjusted = k / n - (mix - common) @ effects
    return Standardised(
        n=n,
        k=k,
        level=level,
        slices=slices,
        mix=mix,
        common=common,
        effects=effects,
        effects_cov=variance * inverse,
        adjusted=adjusted,
        error_sd=np.sqrt(variance / n),
    )


def common_work(standardised: Standardised, factors: tuple[Factor, ...]) -> Floats:
    """Return the share of work that each pair of members has in common (members x members), 0..1.

    Of each factor the sum of the smaller shares, and of the factors the product: 1 less the total
    variation distance where there is one factor, and a lower bound of it where there are more.
    """
    size = len(standardised.n)
    result = np.ones((size, size))
    for factor in factors:
        if factor in standardised.slices:
            result *= _overlaps(standardised.mix[:, standardised.slices[factor]])
    return result


def _pooled_effects(
    inner: Floats, outer: Floats, variance: float, slices: Mapping[Factor, slice]
) -> tuple[Floats, Floats]:
    """Return the effects and the inverse of their information, times `variance` their covariance.

    The spread of a factor's effects is that of greatest marginal likelihood, by the fixed point of
    MacKay (1992), Neural Computation 4, 415-447, equation 4.5: without differences between its
    levels a factor explains nothing.
    """
    width = len(outer)
    spread = np.full(width, _FIRST_SD)
    for _ in range(_ROUNDS):
        inverse = np.asarray(np.linalg.inv(inner + np.diag(variance / spread**2)), dtype=np.float64)
        effects: Floats = inverse @ outer
        told = 1 - variance * np.diag(inverse) / spread**2
        found = spread.copy()
        for part in slices.values():
            size = float(np.square(effects[part]).sum() / max(told[part].sum(), 1e-9))
            found[part] = np.clip(np.sqrt(size), _LEAST_SD, _MOST_SD)
        settled = np.abs(found - spread).max(initial=0) < _SETTLED * spread.max(initial=1)
        spread = found
        if settled:
            break
    return effects, inverse


def _overlaps(mix: Floats) -> Floats:
    result = np.zeros((len(mix), len(mix)))
    for column in mix.T:
        result += np.minimum.outer(column, column)
    return result


def _slices(cells: Cells) -> tuple[dict[Factor, slice], int]:
    slices, width = {}, 0
    for factor in cells.codes:
        levels = len(cells.levels[factor])
        slices[factor] = slice(width, width + levels)
        width += levels
    return slices, width


def _products(cells: Cells, slices: Mapping[Factor, slice], width: int) -> Floats:
    """Return how many cases have each pair of levels (levels x levels)."""
    result = np.zeros((width, width))
    factors = list(slices)
    for index, one in enumerate(factors):
        for other in factors[index:]:
            rows, columns = slices[one], slices[other]
            shape = (rows.stop - rows.start, columns.stop - columns.start)
            flat = np.bincount(
                cells.codes[one] * shape[1] + cells.codes[other], cells.n, shape[0] * shape[1]
            )
            result[rows, columns] = flat.reshape(shape)
            result[columns, rows] = flat.reshape(shape).T
    return result
