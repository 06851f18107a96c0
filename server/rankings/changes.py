"""What moved members since the period before, and what sets them apart from their kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from server.rankings.casemix import Standardised
from server.rankings.cells import Cells, Factor
from server.rankings.pooling import pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A difference of two shares and what it is made of: `total` is the sum of all others.

    `by_factor` is what the mix of work explains; `common` what all of the kind moved together, none
    in a comparison with the kind; `own` what is left to the member itself.
    """

    total: float
    by_factor: Mapping[Factor, float]
    own: float
    common: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a member's standardised share changed, drawn toward the change of its kind.

    With the interval of 95 %; `parts` are those of the crude difference.
    """

    value: float
    low: float
    high: float
    parts: Parts


def apart(standardised: Standardised) -> tuple[Parts, ...]:
    """Return what sets each member's crude share apart from that of its kind."""
    explained = {
        factor: standardised.explained_by(factor).tolist() for factor in standardised.slices
    }
    total = (standardised.crude - standardised.level).tolist()
    result = []
    for member, whole in enumerate(total):
        by_factor = {factor: values[member] for factor, values in explained.items()}
        own = whole - sum(by_factor.values())
        result.append(Parts(total=whole, by_factor=by_factor, own=own))
    return tuple(result)


def side_by_side(now: Cells, before: Cells) -> Cells:
    """Return both periods' cells of the same members as one table: first all of now, then before.

    Levels that one period lacks are added, so that both are standardised to one common mix. A
    factor that one period does not tell apart, as all its cases were of one level, is left out.
    """
    levels = {
        factor: tuple(dict.fromkeys((*now.levels[factor], *before.levels[factor])))
        for factor in now.levels
        if factor in before.levels
    }
    codes = {
        factor: np.concatenate(
            [
                np.array([known.index(name) for name in cells.levels[factor]], dtype=np.int64)[
                    cells.codes[factor]
                ]
                for cells in (now, before)
            ]
        )
        for factor, known in levels.items()
    }
    return Cells(
        members=(*now.members, *(f"{member} before" for member in before.members)),
        levels=levels,
        member=np.concatenate([now.member, before.member + len(now.members)]),
        codes=codes,
        n=np.concatenate([now.n, before.n]),
        k=np.concatenate([now.k, before.k]),
        suspect_n=np.concatenate([now.suspect_n, before.suspect_n]),
        suspect_k=np.concatenate([now.suspect_k, before.suspect_k]),
    )


def changes(both: Standardised) -> tuple[Change, ...]:
    """Return the change of each member of a table made `side_by_side`.

    Changes are drawn toward their mean as shares are: who moved most by chance moves least after
    it. A single member keeps its own.
    """
    size = len(both.n) // 2
    now, before = slice(0, size), slice(size, 2 * size)
    crude = both.crude[now] - both.crude[before]
    moved = both.adjusted[now] - both.adjusted[before]
    error = np.hypot(both.error_sd[now], both.error_sd[before])
    if size > 1:
        pooled = pool(moved, error)
        value, sd = pooled.mean, pooled.sd
    else:
        value, sd = moved, error
    common = float(
        np.average(both.adjusted[now], weights=both.n[now])
        - np.average(both.adjusted[before], weights=both.n[before])
    )
    parts = _parts(both, crude, common, size)
    half = float(ndtri(0.975)) * sd
    return tuple(
        Change(value=v, low=v - h, high=v + h, parts=each)
        for v, h, each in zip(value.tolist(), half.tolist(), parts, strict=True)
    )


def _parts(both: Standardised, crude: np.ndarray, common: float, size: int) -> Sequence[Parts]:
    by_factor = {}
    for factor in both.slices:
        explained = both.explained_by(factor)
        by_factor[factor] = explained[:size] - explained[size:]
    result = []
    for member in range(size):
        own = {factor: float(moved[member]) for factor, moved in by_factor.items()}
        total = float(crude[member])
        rest = total - sum(own.values()) - common
        result.append(Parts(total=total, by_factor=own, own=rest, common=common))
    return result
