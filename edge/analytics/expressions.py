"""Expression readings of a window or a visit, summed up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contract.messages import ExpressionMix
from edge.scene import ExpressionReading

MINIMUM_PER_THIRD = 3
"""With fewer readings in a third no change is reported: single readings are noisy."""

_DECIMALS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedReading:
    """A reading, when it was made and of which track."""

    at: datetime
    track_id: int
    reading: ExpressionReading


def mix(readings: Sequence[TimedReading]) -> ExpressionMix | None:
    """Return the mean probabilities of `readings`, None without any."""
    if not readings:
        return None
    count = len(readings)
    negative = round(sum(timed.reading.negative for timed in readings) / count, _DECIMALS)
    positive = round(sum(timed.reading.positive for timed in readings) / count, _DECIMALS)
    negative, positive = _share(negative), _share(positive)
    return ExpressionMix(
        faces=len({timed.track_id for timed in readings}),
        readings=count,
        negative=negative,
        neutral=_share(round(1 - negative - positive, _DECIMALS)),
        positive=positive,
    )


def change(
    readings: Sequence[TimedReading], started_at: datetime, ended_at: datetime
) -> float | None:
    """Return mean (positive - negative) in the last third of the stay less that in the first.

    None when either third has fewer than `MINIMUM_PER_THIRD` readings.
    """
    third = (ended_at - started_at) / 3
    first = [timed for timed in readings if timed.at <= started_at + third]
    last = [timed for timed in readings if timed.at >= ended_at - third]
    if min(len(first), len(last)) < MINIMUM_PER_THIRD:
        return None
    return round(_balance(last) - _balance(first), _DECIMALS) + 0.0  # never -0.0


def _balance(readings: Iterable[TimedReading]) -> float:
    balances = [timed.reading.positive - timed.reading.negative for timed in readings]
    return sum(balances) / len(balances)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
