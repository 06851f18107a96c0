"""The visits of one kind of unit in one month, as columns, and the features a model sees. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
"""Parts of which each is predicted by a model that was learnt on the others."""

KNOTS = (0.5, 0.75, 0.9)
"""Quantiles at which the line of each feature may break: patience ends somewhere."""

SATISFIED_FROM = 4
"""Scores 4 and 5 are satisfied, as in the official share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Columns of n visits. `unit` counts from 0 to `units` - 1; `day` numbers days of the month.

    `expression` is the positive share less the negative one, -1..1, `change` how it changed over
    the visit, both NaN where no face was read; `wait_s` NaN where unknown; `hour` is local, 0..24.
    `score` is 1..5, 0 for a silent visit. `fold` is 0..FOLDS - 1, from the visit's identifier.
    """

    unit: NDArray[np.int64]
    units: int
    day: NDArray[np.int64]
    expression: NDArray[np.float64]
    change: NDArray[np.float64]
    wait_s: NDArray[np.float64]
    service_s: NDArray[np.float64]
    hour: NDArray[np.float64]
    score: NDArray[np.int64]
    fold: NDArray[np.int64]

    @property
    def rated(self) -> NDArray[np.bool_]:
        """Which visits have a rating."""
        return self.score > 0

    @property
    def satisfied(self) -> NDArray[np.float64]:
        """1.0 where the rating is satisfied, else 0.0, also where there is none."""
        return (self.score >= SATISFIED_FROM).astype(float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Standardised features: `x` (n, p), and which of its columns come from faces (p,)."""

    x: NDArray[np.float64]
    of_faces: NDArray[np.bool_]

    def without_faces(self) -> Features:
        """Return the features without those of faces."""
        kept = ~self.of_faces
        return Features(x=self.x[:, kept], of_faces=self.of_faces[kept])


def features(visits: Visits) -> Features:
    """Return the features of all visits, broken lines; columns without variance are left out.

    What is missing is the mean, beside a column that says so.
    """
    plain = [
        (True, visits.expression),
        (True, visits.change),
        (False, np.log1p(visits.wait_s / 60)),
        (False, np.log1p(visits.service_s)),
        (False, visits.hour),
    ]
    columns: list[tuple[bool, NDArray[np.float64]]] = []
    for of_faces, values in plain:
        known = np.isfinite(values)
        if not known.any():
            continue
        filled = np.where(known, values, values[known].mean())
        columns.append((of_faces, filled))
        knots = np.quantile(values[known], KNOTS)
        columns += [(of_faces, np.maximum(filled - knot, 0.0)) for knot in knots]
        columns.append((of_faces, (~known).astype(float)))
    kept: list[tuple[bool, NDArray[np.float64]]] = []
    for of_faces, values in columns:
        # Two columns that say the same, as when faces and changes are missing together, are one.
        spread = float(values.std())
        standard = _standard(values)
        if spread > 1e-9 and not any(np.allclose(standard, other) for _, other in kept):
            kept.append((of_faces, standard))
    x = np.column_stack([values for _, values in kept]) if kept else np.zeros((visits.unit.size, 0))
    return Features(x=x, of_faces=np.array([of_faces for of_faces, _ in kept], dtype=bool))


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    centred: NDArray[np.float64] = values - values.mean()
    return centred / spread if spread > 0 else centred
