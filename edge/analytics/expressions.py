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


def thirds(
    readings: Sequence[TimedReading], started_at: datetime, ended_at: datetime
) -> tuple[ExpressionMix | None, ExpressionMix | None, ExpressionMix | None]:
    """Return the mixes of the first, middle and last third of the stay.

    None for a third with fewer than `MINIMUM_PER_THIRD` readings: never one frame's verdict.
    """
    third = (ended_at - started_at) / 3
    parts: tuple[list[TimedReading], ...] = ([], [], [])
    for timed in readings:
        parts[min(2, (timed.at - started_at) // third if third else 0)].append(timed)
    first, middle, last = (mix(p) if len(p) >= MINIMUM_PER_THIRD else None for p in parts)
    return first, middle, last


def abstained_share(readings: int, abstained: int) -> float | None:
    """Return the share of the faces looked at that could not be read, None without any."""
    looked_at = readings + abstained
    return round(abstained / looked_at, _DECIMALS) if looked_at else None


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
