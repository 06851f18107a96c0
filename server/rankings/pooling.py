"""How far members differ beyond chance, and each one's share drawn toward the common one. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GRID = 24
_NEGLIGIBLE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The posterior of members' true shares as a mixture over their spread.

    `spread` are standard deviations between members and `weight` their posterior chances; `kept`
    (spreads x members) is the part of each member's own figure that is kept, `centre` and
    `centre_sd` the mean that it is drawn to.
    """

    spread: Floats
    weight: Floats
    kept: Floats
    centre: Floats
    centre_sd: Floats
    value: Floats
    error_sd: Floats

    @property
    def mean(self) -> Floats:
        """The posterior mean of each member's share."""
        return self.weight @ self._means()

    @property
    def sd(self) -> Floats:
        """The posterior standard deviation of each member's share, for given effects of work."""
        means = self._means()
        own = self.kept * self.error_sd**2
        common = ((1 - self.kept) * self.centre_sd[:, None]) ** 2
        second = self.weight @ (own + common + means**2)
        return np.sqrt(np.maximum(second - (self.weight @ means) ** 2, 0))

    def _means(self) -> Floats:
        return self.kept * self.value + (1 - self.kept) * self.centre[:, None]


def pool(value: Floats, error_sd: Floats, mix_sd: Floats | None = None) -> Pooled:
    """Return the posterior of normal members with known errors; at least two of them.

    value ~ N(share, error²), share ~ N(centre, spread²), both flat: Gelman et al. (2013), Bayesian
    Data Analysis, 3rd edition, section 5.4. The spread's own uncertainty is kept, on a grid: with
    few members it is what makes ranks uncertain. `mix_sd` widens the errors by which the spread
    is judged, not those of a member: these come with the draws of the effects.
    """
    seen = error_sd**2 + (0 if mix_sd is None else mix_sd**2)
    widest = 3 * float(np.std(value)) + 3 * float(np.median(error_sd))
    grid = np.linspace(0, 1, _GRID) ** 1.5 * widest
    weights = 1 / (grid[:, None] ** 2 + seen)
    total = weights.sum(axis=1)
    centre = weights @ value / total
    misfit = (weights * (value - centre[:, None]) ** 2).sum(axis=1)
    log = 0.5 * (np.log(weights).sum(axis=1) - np.log(total) - misfit)
    # The grid is finer near zero: each point stands for its part of a flat prior.
    chance = np.exp(log - log.max()) * np.gradient(grid)
    chance /= chance.sum()
    used = chance > _NEGLIGIBLE
    spread = grid[used]
    return Pooled(
        spread=spread,
        weight=chance[used] / chance[used].sum(),
        kept=spread[:, None] ** 2 / (spread[:, None] ** 2 + error_sd**2),
        centre=centre[used],
        centre_sd=1 / np.sqrt(total[used]),
        value=value,
        error_sd=error_sd,
    )
