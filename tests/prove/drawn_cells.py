"""Draws ratings of members whose truth is known: a probit model, which no estimator of ours is.

Opinions are latent normal; effects of families, hours and arrivals shift them; a rating is
satisfied above zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from server.rankings.cells import Cells, Factor

FAMILIES, HOURS, ARRIVALS = 12, 9, 5
_FAMILY_SD, _HOUR_SD, _ARRIVALS_SD = 0.25, 0.08, 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is planted: `effects` of members on the latent scale, `n` cases of each.

    `share` is that of a member without an effect at the common mix. With `mixed` each member has a
    mix of families of its own and families differ in difficulty, else all work is alike.
    """

    effects: np.ndarray
    n: np.ndarray
    share: float = 0.88
    mixed: bool = False


def draw_cells(truth: Truth, random: np.random.Generator) -> Cells:
    """Return the cells of one period."""
    size = len(truth.n)
    some = float(truth.mixed)
    difficulty = (
        random.normal(0, _FAMILY_SD, FAMILIES)[:, None, None] * some
        + random.normal(0, _HOUR_SD, HOURS)[:, None] * some
        + random.normal(0, _ARRIVALS_SD, ARRIVALS) * some
    ).ravel()
    families = random.dirichlet(np.full(FAMILIES, 1.5), size)
    if not truth.mixed:
        families = np.broadcast_to(families.mean(axis=0), families.shape)
    hours = random.dirichlet(np.full(HOURS, 20.0))
    arrivals = random.dirichlet(np.full(ARRIVALS, 5.0), size if truth.mixed else 1)
    mix = families[:, :, None, None] * hours[:, None] * arrivals[:, None, None, :]
    mix = np.broadcast_to(mix, (size, FAMILIES, HOURS, ARRIVALS)).reshape(size, -1)
    level = ndtri(truth.share) - (mix.mean(axis=0) * difficulty).sum()
    n = random.multinomial(truth.n, mix / mix.sum(axis=1, keepdims=True))
    k = random.binomial(n, ndtr(level + truth.effects[:, None] + difficulty))
    member, cell = np.nonzero(n)
    family, rest = np.divmod(cell, HOURS * ARRIVALS)
    hour, arrived = np.divmod(rest, ARRIVALS)
    return Cells(
        members=tuple(f"unit-{number}" for number in range(size)),
        levels={
            Factor.FAMILY: tuple(map(str, range(FAMILIES))),
            Factor.HOUR: tuple(map(str, range(HOURS))),
            Factor.ARRIVALS: tuple(map(str, range(ARRIVALS))),
        },
        member=member,
        codes={Factor.FAMILY: family, Factor.HOUR: hour, Factor.ARRIVALS: arrived},
        n=n[member, cell].astype(float),
        k=k[member, cell].astype(float),
        suspect_n=np.zeros(size, dtype=np.int64),
        suspect_k=np.zeros(size, dtype=np.int64),
    )


def sizes(members: int, random: np.random.Generator) -> np.ndarray:
    """Return how many ratings members have in a quarter: from 100 to some thousands."""
    return np.clip(random.lognormal(6.3, 0.8, members), 100, 5_000).astype(int)
