"""What is felt given what is seen, as rated visits teach it, checked out of sample. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from server.experience.logistic import Logistic, fit
from server.experience.visits import FOLDS, Features, Visits

WORST_Z = 3.0
"""Beyond it, predictions are not calibrated: one fit in 370 that is would be called so."""

_SURE = 1.0
"""Standard errors by which faces must lessen the loss on visits that the model did not see."""

_FOLD_STEPS = 3


class Faces(StrEnum):
    """Whether expressions take part in the index, and if not, why."""

    USED = "used"
    NONE_SEEN = "none_seen"
    NO_BETTER = "no_better"
    NOT_CALIBRATED = "not_calibrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Predictions and what is known of them.

    `means` (n,) are the probabilities of being satisfied, each from a model that did not see the
    visit. `faces_share` is the part of the linear predictor's variance that features of faces
    carry, 0..1. `gain` is what faces lessen the mean log loss by (nats a rating), with its
    standard error; None where no face was read. `z` is Spiegelhalter's statistic.
    """

    means: NDArray[np.float64]
    faces: Faces
    faces_share: float
    z: float
    gain: float | None = None
    gain_error: float | None = None


def learn(visits: Visits, features: Features, weights: NDArray[np.float64]) -> Link:
    """Return the link, with faces only where they prove themselves on ratings not learnt from.

    `weights` (n,) are those of the rated visits: how many visits each speaks for.
    """
    plain = features.without_faces()
    means, z, _ = _cross_fit(visits, plain, weights)
    without = Link(means=means, faces=Faces.NONE_SEEN, faces_share=0.0, z=z)
    if not features.of_faces.any():
        return without
    with_faces, z_with, share = _cross_fit(visits, features, weights)
    rated, satisfied = visits.rated, visits.satisfied[visits.rated]
    gains = _loss(means[rated], satisfied) - _loss(with_faces[rated], satisfied)
    gain = float(gains.mean())
    error = float(gains.std(ddof=1) / math.sqrt(gains.size)) if gains.size > 1 else math.inf
    if gain <= _SURE * error:
        faces = Faces.NO_BETTER
    elif abs(z_with) > WORST_Z:
        faces = Faces.NOT_CALIBRATED
    else:
        return Link(
            means=with_faces, faces=Faces.USED, faces_share=share, z=z_with, gain=gain,
            gain_error=error,
        )  # fmt: skip
    return Link(means=means, faces=faces, faces_share=0.0, z=z, gain=gain, gain_error=error)


def _cross_fit(
    visits: Visits, features: Features, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """Return out-of-fold means (n,), Spiegelhalter's z on the rated, and the share of faces."""
    x, rated, satisfied = features.x, visits.rated, visits.satisfied
    scaled = weights * (rated.sum() / weights[rated].sum())
    whole = fit(x[rated], satisfied[rated], weights=scaled[rated])
    means = np.empty(rated.size)
    for fold in range(FOLDS):
        out = visits.fold == fold
        learnt = rated & ~out
        model = whole
        if learnt.any() and out.any():
            model = fit(
                x[learnt], satisfied[learnt], weights=scaled[learnt], start=whole,
                steps=_FOLD_STEPS,
            )  # fmt: skip
        means[out] = model.predict(x[out])
    z = spiegelhalter_z(means[rated], satisfied[rated])
    return means, z, _share_of_faces(whole, features)


def spiegelhalter_z(means: NDArray[np.float64], outcomes: NDArray[np.float64]) -> float:
    """Return the standardised difference of the Brier score from that of calibrated predictions.

    Spiegelhalter (1986), Statistics in Medicine 5, 421-433.
    """
    slant = 1 - 2 * means
    variance = float((slant**2 * means * (1 - means)).sum())
    if variance <= 0:
        return 0.0
    return float(((outcomes - means) * slant).sum() / math.sqrt(variance))


def _share_of_faces(model: Logistic, features: Features) -> float:
    whole = float(model.linear(features.x).var())
    if whole <= 0:
        return 0.0
    of_faces = features.x[:, features.of_faces] @ model.coefficients[features.of_faces]
    return min(1.0, float(of_faces.var()) / whole)


def _loss(means: NDArray[np.float64], outcomes: NDArray[np.float64]) -> NDArray[np.float64]:
    bounded = np.clip(means, 1e-9, 1 - 1e-9)
    loss: NDArray[np.float64] = -(outcomes * np.log(bounded) + (1 - outcomes) * np.log(1 - bounded))
    return loss
