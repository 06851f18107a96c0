"""Who answers: the probability of each visit to be rated, by what is observed of it. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from server.experience.logistic import fit_grouped
from server.experience.visits import FOLDS, Visits

LEAST_OF_MEAN = 0.1
"""A probability below a tenth of the mean rate is raised to it: no rating speaks for very many.

Trimming of weights: Potter (1990), ASA Proceedings of Survey Research Methods, 225-230.
"""

_FOLD_STEPS = 2
"""Newton steps from the fit of all visits: one fold of five moves the optimum only a little."""


def response_probabilities(visits: Visits, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability (n,) that each visit was rated, from models that did not see it.

    `x` (n, p) are its features. Intercepts of units are partially pooled.
    """
    rated = visits.rated.astype(float)
    whole = fit_grouped(x, rated, visits.unit, visits.units)
    found = np.empty(rated.size)
    for fold in range(FOLDS):
        out = visits.fold == fold
        if out.all() or not out.any():
            found[out] = whole.predict(x[out], visits.unit[out])
            continue
        model = fit_grouped(
            x[~out], rated[~out], visits.unit[~out], visits.units, start=whole, steps=_FOLD_STEPS
        )
        found[out] = model.predict(x[out], visits.unit[out])
    return np.clip(found, LEAST_OF_MEAN * max(rated.mean(), 1e-6), 1.0)
