"""The posterior distribution of each member's rank. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from server.rankings.casemix import Floats, Standardised
from server.rankings.pooling import Pooled

DRAWS = 10_000
_BEYOND = 0.05
_BLOCK_VALUES = 60_000
_LEAST_MOVE = 0.1
_INT_BITS = 31
_QUANTILES = ndtri((np.arange(2**16) + 0.5) / 2**16).astype(np.float32)
_SCALE_BITS = 21
"""Of a share's whole range 0..1: two shares closer than half a millionth may change places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Where a member stands, 1 the best: median, 90 % range, and chances of the ends.

    A decile of fewer than ten members is one member.
    """

    median: int
    low: int
    high: int
    in_top_decile: float
    in_bottom_decile: float


def draw_ranks(
    standardised: Standardised, pooled: Pooled, *, seed: int, higher_is_better: bool = True
) -> tuple[Rank, ...]:
    """Return each member's rank from DRAWS draws of all true shares; at least one member.

    Ranks are computed within each draw: Goldstein and Spiegelhalter (1996), Journal of the Royal
    Statistical Society A 159, 385-443. Effects of work and the spread are drawn too.
    """
    direction = 1.0 if higher_is_better else -1.0
    blocks = _draw(standardised, pooled, np.random.Generator(np.random.SFC64(seed)))
    members = len(pooled.value)
    counts = np.zeros(members**2, dtype=np.int64)
    for shares in blocks:
        counts += _count(shares, -direction)
    return _summarised(counts.reshape(members, members))


def _draw(
    standardised: Standardised, pooled: Pooled, random: np.random.Generator
) -> Iterator[NDArray[np.float32]]:
    """Yield shares less the common level, some draws (rows) of all members at a time.

    Blocks share one buffer: a draw of everybody that stays in the processor's cache costs a third
    of one that does not.
    """
    loading = _loading(standardised)
    block = max(1, _BLOCK_VALUES // len(pooled.value))
    buffer = np.empty((block, len(pooled.value)), dtype=np.float32)
    bounds = np.round(np.cumsum(pooled.weight) * DRAWS).astype(int)
    for index, (start, stop) in enumerate(pairwise((0, *bounds.tolist()))):
        kept = pooled.kept[index]
        mean = kept * pooled.value + (1 - kept) * pooled.centre[index] - standardised.level
        own = (np.sqrt(kept) * pooled.error_sd).astype(np.float32)
        # What all draws toward the centre have in common, and each effect of work.
        common = np.vstack([loading * kept, (1 - kept) * pooled.centre_sd[index]])
        common = common.astype(np.float32)
        for first in range(start, stop, block):
            shares = buffer[: min(block, stop - first)]
            _fill_normal(random, shares)
            shares *= own
            shares += mean.astype(np.float32)
            drawn = random.standard_normal((len(shares), len(common)), np.float32)
            # Not `@`: it starts threads, which for so little wait for each other on a busy machine.
            shares += np.einsum("dk,km->dm", drawn, common)
            yield shares


def _fill_normal(random: np.random.Generator, into: NDArray[np.float32]) -> None:
    """Fill an array with normal draws: one of 65,536 quantiles of equal chance each.

    A sixth of the time of exact draws; what lies beyond 4.3 standard deviations decides no rank.
    """
    chosen = np.frombuffer(random.bytes(2 * into.size), dtype=np.uint16).reshape(into.shape)
    np.take(_QUANTILES, chosen, out=into, mode="clip")


def _loading(standardised: Standardised) -> Floats:
    """Return what independent standard normal draws of effects add to shares (draws x members).

    Directions that move nobody by a tenth of a standard error are left out.
    """
    moved = (standardised.departures @ np.linalg.cholesky(standardised.effects_cov)).T
    _, strengths, directions = np.linalg.svd(moved, full_matrices=False)
    loading = strengths[:, None] * directions
    told = np.abs(loading) > _LEAST_MOVE * standardised.error_sd
    return np.asarray(loading[told.any(axis=1)])


def _count(shares: NDArray[np.float32], sign: float) -> NDArray[np.int64]:
    """Return in how many draws each member has each rank (members x ranks, flat), the least
    `sign`·share first.

    A share and its member's index are packed into one integer, so that sorting values, which is
    many times faster than sorting indices, tells who stands where.
    """
    members = shares.shape[1]
    bits = max(1, (members - 1).bit_length())
    whole = 2.0 ** (_SCALE_BITS - 1)
    shares *= np.float32(sign * whole)
    np.clip(shares, -whole, whole, out=shares)
    packed = shares.astype(np.int32 if _SCALE_BITS + bits < _INT_BITS else np.int64)
    np.left_shift(packed, bits, out=packed)
    np.bitwise_or(packed, np.arange(members, dtype=packed.dtype), out=packed)
    packed.sort(axis=1)
    np.bitwise_and(packed, 2**bits - 1, out=packed)
    np.multiply(packed, members, out=packed)
    np.add(packed, np.arange(members, dtype=packed.dtype), out=packed)
    return np.bincount(packed.ravel(), minlength=members**2)


def _summarised(counts: NDArray[np.int64]) -> tuple[Rank, ...]:
    members = len(counts)
    below = np.cumsum(counts, axis=1) / counts[0].sum()
    median = (below < 0.5).sum(axis=1) + 1
    # Ranks are whole: the range ends where the chance beyond is nearest to 5 %.
    before = np.hstack([np.zeros((members, 1)), below[:, :-1]])
    nearest = np.abs(before - _BEYOND)[:, ::-1].argmin(axis=1)  # of equals the narrowest range
    low = np.minimum(members - nearest, median)
    high = np.maximum(np.abs(below - (1 - _BEYOND)).argmin(axis=1) + 1, median)
    decile = max(1, round(members / 10))
    top = below[:, decile - 1]
    bottom = 1 - below[:, members - decile - 1] if members > decile else np.ones(members)
    return tuple(
        Rank(median=m, low=a, high=b, in_top_decile=t, in_bottom_decile=z)
        for m, a, b, t, z in zip(
            median.tolist(), low.tolist(), high.tolist(), top.tolist(), bottom.tolist(), strict=True
        )
    )
