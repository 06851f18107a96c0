"""How simulated people behave: service times, patience, ratings and faces."""

from __future__ import annotations

import math
import random

from contract.messages import ExpressionMix, RatingReason
from motcua.simulate.province import UnitTraits

_SERVICE_SIGMA = 0.55
_SHORTEST_SERVICE_S = 20.0
_LONGEST_SERVICE_S = 3600.0
_PATIENCE_MEDIAN_S = 2400.0
_PATIENCE_SIGMA = 0.6
_LONG_WAIT_S = 900.0
_EXPLAINS = 0.6
_READINGS_PER_S = 3.0
_CONCENTRATION = 14.0


def service_s(traits: UnitTraits, chance: random.Random) -> float:
    """Return a service time: lognormal with the unit's mean, cut to what a counter sees."""
    mu = math.log(traits.service_mean_s) - _SERVICE_SIGMA**2 / 2
    drawn = chance.lognormvariate(mu, _SERVICE_SIGMA)
    return min(max(drawn, _SHORTEST_SERVICE_S), _LONGEST_SERVICE_S)


def patience_s(chance: random.Random) -> float:
    """Return how long a person waits before leaving."""
    return chance.lognormvariate(math.log(_PATIENCE_MEDIAN_S), _PATIENCE_SIGMA)


def mood(traits: UnitTraits, wait_s: float, chance: random.Random) -> float:
    """Return how content one person is, 0..1: the unit's quality, less for a long wait."""
    lost = 0.25 * min(wait_s / _LONG_WAIT_S, 2.0)
    return min(1.0, max(0.0, chance.gauss(traits.quality - lost, 0.15)))


def rates(traits: UnitTraits, mood_share: float, chance: random.Random) -> bool:
    """Return whether a person rates; very content and very annoyed people do so more often."""
    eagerness = 0.8 + 0.8 * abs(mood_share - 0.6)
    return chance.random() < traits.response_rate * eagerness


def score(mood_share: float, chance: random.Random) -> int:
    """Return the rating from 5 (very satisfied) to 1 for a person of this mood."""
    felt = mood_share + chance.gauss(0, 0.06)
    for least, points in ((0.72, 5), (0.52, 4), (0.38, 3), (0.24, 2)):
        if felt >= least:
            return points
    return 1


def reasons(points: int, wait_s: float, chance: random.Random) -> tuple[RatingReason, ...]:
    """Return the reasons a person adds to a rating of 1 to 3, often none."""
    if points > 3 or chance.random() > _EXPLAINS:
        return ()
    weights = {
        RatingReason.WAITING: 6.0 if wait_s > _LONG_WAIT_S else 1.5,
        RatingReason.ATTITUDE: 2.0,
        RatingReason.UNCLEAR_GUIDANCE: 2.5,
        RatingReason.REPEAT_VISITS: 2.0,
        RatingReason.EXTRA_PAPERS: 1.5,
        RatingReason.INFORMAL_PAYMENT: 0.1,
    }
    drawn = chance.choices(list(weights), list(weights.values()), k=chance.choice((1, 1, 2)))
    return tuple(dict.fromkeys(drawn))


def expression(
    mood_share: float, faces: int, seen_s: float, chance: random.Random
) -> ExpressionMix:
    """Return the expressions of `faces` people seen for `seen_s`: mostly neutral, as faces are."""
    positive = 0.08 + 0.34 * mood_share
    negative = 0.03 + 0.3 * (1 - mood_share)
    shares = (negative, 1 - negative - positive, positive)
    drawn = [chance.gammavariate(_CONCENTRATION * share, 1.0) for share in shares]
    whole = sum(drawn)
    return ExpressionMix(
        faces=faces,
        readings=max(1, round(seen_s * _READINGS_PER_S * faces)),
        negative=round(drawn[0] / whole, 4),
        neutral=round(drawn[1] / whole, 4),
        positive=round(drawn[2] / whole, 4),
    )
