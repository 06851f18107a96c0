"""Confidence sets for ranks: which ranks of every member the data do not refuse. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.rankings.casemix import Floats

DRAWS = 20_000
LEVEL = 0.95
_BLOCK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSet:
    """The ranks from `low` to `high`, 1 the best."""

    low: int
    high: int


def simultaneous_sets(
    value: Floats, error_sd: Floats, *, seed: int, level: float = LEVEL, draws: int = DRAWS
) -> tuple[RankSet, ...]:
    """Return sets that all together hold every true rank with the chance `level`; more is better.

    Differences of all pairs are tested at once against the largest of them under equality, and
    again without those that were refused, until none is: Mogstad, Romano, Shaikh and Wilhelm
    (2024), Review of Economic Studies 91, 476-518, sections 3.1 and 3.3. Values are taken as
    independent and normal.
    """
    size = len(value)
    pairs = ~np.eye(size, dtype=np.bool_)
    return _sets(_refused(value, error_sd, pairs, seed=seed, level=level, draws=draws))


def marginal_set(
    value: Floats, error_sd: Floats, member: int, *, seed: int, level: float = LEVEL
) -> RankSet:
    """Return the set that holds the true rank of this one member with the chance `level`."""
    pairs = np.zeros((len(value), len(value)), dtype=np.bool_)
    pairs[member, :] = pairs[:, member] = True
    pairs[member, member] = False
    refused = _refused(value, error_sd, pairs, seed=seed, level=level, draws=DRAWS)
    return _sets(refused)[member]


def _refused(
    value: Floats,
    error_sd: Floats,
    pairs: NDArray[np.bool_],
    *,
    seed: int,
    level: float,
    draws: int,
) -> NDArray[np.bool_]:
    """Return for each pair whether the row's member is surely above the column's."""
    error = np.hypot.outer(error_sd, error_sd)
    ahead = (value[:, None] - value[None, :]) / error
    refused = np.zeros_like(pairs)
    while True:
        waiting = pairs & ~refused
        if not waiting.any():
            return refused
        largest = _largest(error_sd, error, waiting, seed=seed, draws=draws)
        found = waiting & (ahead > np.quantile(largest, level))
        if not found.any():
            return refused
        refused |= found


def _largest(
    error_sd: Floats, error: Floats, pairs: NDArray[np.bool_], *, seed: int, draws: int
) -> Floats:
    """Return the largest difference of the pairs, in its standard errors, in each draw."""
    random = np.random.default_rng(seed)
    found = np.full(draws, -np.inf, dtype=np.float32)
    for start in range(0, draws, _BLOCK):
        part = found[start : start + _BLOCK]
        drawn = random.standard_normal((len(part), len(error_sd))) * error_sd
        drawn = np.asarray(drawn, dtype=np.float32)
        for one, others in enumerate(pairs):
            if others.any():
                ahead = (drawn[:, one, None] - drawn[:, others]) / error[one, others]
                np.maximum(part, ahead.max(axis=1), out=part)
    return found.astype(np.float64)


def _sets(above: NDArray[np.bool_]) -> tuple[RankSet, ...]:
    better, worse = above.sum(axis=0), above.sum(axis=1)
    return tuple(
        RankSet(low=1 + int(b), high=len(above) - int(w))
        for b, w in zip(better, worse, strict=True)
    )
