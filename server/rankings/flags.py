"""Which members differ from the others, by Holm over the whole table. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from server.rankings.casemix import Floats, Standardised

LEVEL = 0.05
_TERMS_SD = 14
"""Tails are summed over so many standard deviations: what lies beyond is below 1e-40."""


def flag(standardised: Standardised, level: float = LEVEL) -> NDArray[np.bool_]:
    """Return for each member whether its share, with the mix taken out, differs from the others'.

    Each p-value is that of Fisher's exact test on the successes that are left once what the mix
    explains is taken away, shortened by how little is known of the effects of work. Where anyone is
    flagged, all are tested once more against those who are not: some members far below must not
    make their equal peers look too good. Where all are equal, the first test alone decides, so that
    at most `level` of tables flag anyone, whatever the mix.
    """
    everybody = np.ones(len(standardised.n), dtype=np.bool_)
    flagged = holm(_p_values(standardised, everybody), level)
    if flagged.any() and not flagged.all():
        flagged = holm(_p_values(standardised, ~flagged), level)
    return flagged


def _p_values(standardised: Standardised, peers: NDArray[np.bool_]) -> Floats:
    """Return the p-value of each member against the other `peers` together."""
    n = standardised.n
    share = float(np.average(standardised.adjusted[peers], weights=n[peers]))
    share = min(1.0, max(0.0, share))
    own = share * (1 - share) / n
    known = own / (own + standardised.mix_sd**2) if 0 < share < 1 else np.ones_like(n)
    away = (standardised.adjusted - share) * n * np.sqrt(known)
    successes = np.clip(np.round(share * n + away), 0, n)
    apart = np.where(peers, 0.0, 1.0)
    return fisher(
        successes,
        n,
        everybody=n[peers].sum() + apart * n,
        total=np.round(share * n[peers].sum()) + apart * successes,
    )


def holm(p: Floats, level: float = LEVEL) -> NDArray[np.bool_]:
    """Return which hypotheses are refused where at most `level` of tables refuse a true one.

    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    order = np.argsort(p)
    kept = p[order] > level / np.arange(len(p), 0, -1)
    refused = np.zeros(len(p), dtype=np.bool_)
    refused[order] = ~np.logical_or.accumulate(kept)
    return refused


def fisher(successes: Floats, n: Floats, *, everybody: Floats, total: Floats) -> Floats:
    """Return twice the smaller hypergeometric tail of each member against the others.

    `successes` of `n` are a member's own, `total` of `everybody` those of it and the others, all
    whole numbers. Tails are summed term by term from the ratio of neighbours: Fisher (1935),
    Journal of the Royal Statistical Society 98, 39-82.
    """
    low, high = np.maximum(0, n - (everybody - total)), np.minimum(n, total)
    at = np.clip(successes, low, high)
    log = (
        _log_choose(total, at) + _log_choose(everybody - total, n - at) - _log_choose(everybody, n)
    )
    spread = np.sqrt(np.maximum(n * total * (everybody - total) / everybody**2, 1))
    steps = np.arange(int(np.ceil(_TERMS_SD * spread.max())) + 2, dtype=float)[None, :]
    here, own = at[:, None], n[:, None]
    all_n, all_k = everybody[:, None], total[:, None]
    down, up = here - steps, here + steps
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = down * (all_n - all_k - own + down) / ((all_k - down + 1) * (own - down + 1))
        upper = (all_k - up) * (own - up) / ((up + 1) * (all_n - all_k - own + up + 1))
    tails = [
        1 + np.cumprod(np.where(inside, ratio, 0), axis=1).sum(axis=1)
        for ratio, inside in ((lower, down > low[:, None]), (upper, up < high[:, None]))
    ]
    p: Floats = np.minimum(1.0, 2 * np.exp(log) * np.minimum(*tails))
    return p


def _log_choose(n: Floats, k: Floats) -> Floats:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
