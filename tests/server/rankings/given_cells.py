"""Cells for tests: members with their counts, all work alike unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from server.rankings.cells import Cells, Factor


def cells(
    counts: Mapping[str, tuple[int, int]], *, suspect: Mapping[str, tuple[int, int]] | None = None
) -> Cells:
    """Return cells of members with k of n, all of one family."""
    return of_families({member: [each] for member, each in counts.items()}, suspect=suspect)


def of_families(
    counts: Mapping[str, Sequence[tuple[int, int]]],
    *,
    suspect: Mapping[str, tuple[int, int]] | None = None,
) -> Cells:
    """Return cells of members with k of n in each family, the first, the second and so on."""
    names = tuple(counts)
    rows = [
        (at, family, k, n)
        for at, member in enumerate(names)
        for family, (k, n) in enumerate(counts[member])
        if n
    ]
    member, family, k, n = (
        np.array([row[column] for row in rows], dtype=np.int64) for column in range(4)
    )
    levels = tuple(f"family-{index}" for index in range(max(map(len, counts.values()))))
    left_out = [(suspect or {}).get(name, (0, 0)) for name in names]
    return Cells(
        members=names,
        levels={Factor.FAMILY: levels},
        member=member,
        codes={Factor.FAMILY: family},
        n=n.astype(float),
        k=k.astype(float),
        suspect_n=np.array([each[1] for each in left_out]),
        suspect_k=np.array([each[0] for each in left_out]),
    )
