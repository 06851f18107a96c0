"""How each KPI is computed from its inputs. Pure: the moment is a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contract.readings import KpiDefinition, Reading, Withheld
from server.kpi.inputs import Day, Inputs, newest
from server.kpi.statistics import mean_share, median, wilson

SATISFIED_FROM = 4
"""Scores 4 (satisfied) and 5 (very satisfied) count as satisfied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The moment of a computation and the local day that it falls in."""

    now: datetime
    day: Day

    @classmethod
    def at(cls, now: datetime) -> Moment:
        """Return the moment `now` with its day."""
        return cls(now=now, day=Day.of(now))

    def age_s(self, observed_at: datetime) -> float:
        """Return how old an observation is; a unit's clock slightly ahead gives zero."""
        return max(0.0, (self.now - observed_at).total_seconds())


def ratings_today(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Count the day's ratings; no data, rather than zero, while no unit was heard today."""
    n = sum(inputs.ratings.by_score)
    heard = newest(device.last_seen for device in inputs.devices)
    if n == 0 and (heard is None or heard < moment.day.start):
        return _withheld(definition, Withheld.NO_DATA)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=n,
        value=float(n),
        parts={str(score): float(count) for score, count in enumerate(inputs.ratings.by_score, 1)},
        observed_at=inputs.ratings.newest or heard,
    )


def share_satisfied_today(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Return the share of scores 4 and 5 with its Wilson interval."""
    del moment
    n = sum(inputs.ratings.by_score)
    observed_at = inputs.ratings.newest
    if n < definition.minimum_n:
        return _too_few(definition, n, observed_at)
    estimate = wilson(sum(inputs.ratings.by_score[SATISFIED_FROM - 1 :]), n)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        observed_at=observed_at,
    )


def people_waiting_now(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Add up the queues of the counters whose newest observation is fresh; n counts those."""
    assert definition.fresh_for_s is not None
    watched = [state for state in inputs.counters if state.queue_length is not None]
    observed_at = newest(state.observed_at for state in watched)
    queues = [
        state.queue_length or 0
        for state in watched
        if moment.age_s(state.observed_at) <= definition.fresh_for_s
    ]
    if observed_at is None:
        return _withheld(definition, Withheld.NO_DATA)
    if not queues:
        return _withheld(definition, Withheld.STALE, observed_at=observed_at)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=len(queues),
        value=float(sum(queues)),
        observed_at=observed_at,
    )


def visits_today(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Count the day's visits; no data, rather than zero, while no camera has counted today."""
    del moment
    n = inputs.visits.visits
    if n == 0 and inputs.watched_at is None:
        return _withheld(definition, Withheld.NO_DATA)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=n,
        value=float(n),
        observed_at=inputs.visits.newest or inputs.watched_at,
    )


def median_service_today(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Return the median service time of the day's complete visits."""
    del moment
    times = inputs.service
    if len(times.seconds) < definition.minimum_n:
        return _too_few(definition, len(times.seconds), times.newest)
    estimate = median(times.seconds)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=len(times.seconds),
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        observed_at=times.newest,
    )


def expression_mix_today(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Average the visits' expression mixes; the value and its interval are the positive share.

    n counts the visits told of, in whole groups of ANONYMITY_FLOOR.
    """
    del moment
    totals = inputs.expressions
    n = totals.visits
    if n < definition.minimum_n:
        reason = Withheld.SMALL_SAMPLE if totals.seen else Withheld.NO_DATA
        return _withheld(definition, reason, n=n, observed_at=totals.newest)
    estimate = mean_share(totals.positive, totals.positive_squared, n)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=n,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        parts={
            "negative": totals.negative / n,
            "neutral": totals.neutral / n,
            "positive": totals.positive / n,
        },
        observed_at=totals.newest,
    )


def devices_online(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Count the devices that were heard within 30 s and whose session has not ended."""
    known = len(inputs.devices)
    if known == 0:
        return _withheld(definition, Withheld.NO_DATA)
    online = sum(device.online(moment.now) for device in inputs.devices)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=known,
        value=float(online),
        parts={"online": float(online), "known": float(known)},
        observed_at=newest(device.last_seen for device in inputs.devices),
    )


def data_age(definition: KpiDefinition, inputs: Inputs, moment: Moment) -> Reading:
    """Return the seconds since anything was last observed."""
    observed_at = newest(device.last_seen for device in inputs.devices)
    if observed_at is None:
        return _withheld(definition, Withheld.NO_DATA)
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=len(inputs.devices),
        value=moment.age_s(observed_at),
        observed_at=observed_at,
    )


def _too_few(definition: KpiDefinition, n: int, observed_at: datetime | None) -> Reading:
    reason = Withheld.SMALL_SAMPLE if n else Withheld.NO_DATA
    return _withheld(definition, reason, n=n, observed_at=observed_at)


def _withheld(
    definition: KpiDefinition,
    reason: Withheld,
    *,
    n: int = 0,
    observed_at: datetime | None = None,
) -> Reading:
    return Reading(
        kpi=definition.id,
        version=definition.version,
        n=n,
        withheld=reason,
        observed_at=observed_at,
    )
