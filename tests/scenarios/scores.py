"""How what the pipeline found compares with what really happened in a scene."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contract.messages import Observation, Visit, Wait, WaitOutcome
from edge.analytics.messages import CameraMessage
from edge.capture.sources import EPOCH
from tests.scenarios.scripts import Scene
from tests.scenarios.truth import TrueVisit, true_queue, true_visits, true_waits

_SAME_OVERLAP = 0.5
"""A visit is found when it and the true one share that part of the time that both cover."""

OWN_COUNTER = "counter-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The errors of one scene, or of several; lists hold one error for each thing found."""

    name: str
    true_visits: int
    found_visits: int
    matched_visits: int
    service_errors_s: tuple[float, ...]
    wait_errors_s: tuple[float, ...]
    queue_errors: tuple[float, ...]
    parties_right: int
    true_left: int
    found_left: int

    @property
    def precision(self) -> float:
        """The share of the visits found that really were."""
        return self.matched_visits / self.found_visits if self.found_visits else math.nan

    @property
    def recall(self) -> float:
        """The share of the visits that were found."""
        return self.matched_visits / self.true_visits if self.true_visits else math.nan

    @property
    def party_share(self) -> float:
        """The share of the visits found whose number of people is right."""
        return self.parties_right / self.matched_visits if self.matched_visits else math.nan


def score(scene: Scene, found: Sequence[CameraMessage]) -> Score:
    """Return how the messages `found` compare with the scene's truth."""
    truth = true_visits(scene)
    visits = [message for message in found if isinstance(message, Visit)]
    pairs = _match(truth, visits)
    return Score(
        name=scene.name,
        true_visits=len(truth),
        found_visits=len(visits),
        matched_visits=len(pairs),
        service_errors_s=tuple(
            abs(visit.service_s - (true.ended_s - true.started_s)) for true, visit in pairs
        ),
        wait_errors_s=tuple(
            abs(visit.wait_s - true.wait_s)
            for true, visit in pairs
            if true.wait_s is not None and visit.wait_s is not None
        ),
        queue_errors=_queue_errors(scene, found),
        parties_right=sum(visit.party_size == true.party for true, visit in pairs),
        true_left=sum(not wait.is_served for wait in true_waits(scene)),
        found_left=sum(
            isinstance(message, Wait) and message.outcome is WaitOutcome.LEFT for message in found
        ),
    )


def total(scores: Sequence[Score], name: str = "all") -> Score:
    """Return the scores of several scenes as one."""
    return Score(
        name=name,
        true_visits=sum(one.true_visits for one in scores),
        found_visits=sum(one.found_visits for one in scores),
        matched_visits=sum(one.matched_visits for one in scores),
        service_errors_s=tuple(error for one in scores for error in one.service_errors_s),
        wait_errors_s=tuple(error for one in scores for error in one.wait_errors_s),
        queue_errors=tuple(error for one in scores for error in one.queue_errors),
        parties_right=sum(one.parties_right for one in scores),
        true_left=sum(one.true_left for one in scores),
        found_left=sum(one.found_left for one in scores),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def mean(values: Sequence[float]) -> float:
    """Return the mean, not a number without values."""
    return statistics.fmean(values) if values else math.nan


def _match(truth: Sequence[TrueVisit], visits: Sequence[Visit]) -> list[tuple[TrueVisit, Visit]]:
    candidates = sorted(
        (-_overlap(true, visit), number, index)
        for number, true in enumerate(truth)
        for index, visit in enumerate(visits)
        if (visit.counter or OWN_COUNTER) == true.counter
        and _overlap(true, visit) >= _SAME_OVERLAP
        and visit.complete == true.complete
    )
    free_true, free_found = set(range(len(truth))), set(range(len(visits)))
    pairs = []
    for _, number, index in candidates:
        if number in free_true and index in free_found:
            free_true.remove(number)
            free_found.remove(index)
            pairs.append((truth[number], visits[index]))
    return pairs


def _overlap(true: TrueVisit, visit: Visit) -> float:
    started_s, ended_s = _seconds(visit.started_at), _seconds(visit.observed_at)
    shared = min(true.ended_s, ended_s) - max(true.started_s, started_s)
    covered = max(true.ended_s, ended_s) - min(true.started_s, started_s)
    return shared / covered if covered > 0 else 0.0


def _queue_errors(scene: Scene, found: Sequence[CameraMessage]) -> tuple[float, ...]:
    truth = true_queue(scene)
    errors = []
    for message in found:
        if not isinstance(message, Observation) or message.queue_length is None:
            continue
        window = round(_seconds(message.observed_at) / message.window_s) - 1
        if message.window_s == 5.0 and 0 <= window < len(truth):
            errors.append(abs(message.queue_length - truth[window]))
    return tuple(errors)


def _seconds(at: datetime) -> float:
    return (at - EPOCH).total_seconds()
