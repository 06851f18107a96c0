"""What is planted in a history, so that whoever estimates it can be held to the truth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from motcua.history.places import HistoricProvince

UNIT_SD, OFFICER_SD, FAMILY_SD, HOUR_SD = 0.22, 0.18, 0.25, 0.08
"""Standard deviations of effects, on the scale of the standard normal noise of one opinion."""

OUTLIER = 0.55
"""How far a planted worst or best unit stands from its equals: some ten points of satisfaction."""


class Scenario(StrEnum):
    """One planted truth; several may hold together."""

    EFFECTS = "effects"
    EQUAL_UNITS = "equal_units"
    WORST_AND_BEST = "worst_and_best"
    CASE_MIX = "case_mix"
    NON_RESPONSE = "non_response"
    BALLOT_STUFFING = "ballot_stuffing"
    SKIPPED_PROMPTS = "skipped_prompts"


ALL_AT_ONCE = frozenset(
    {
        Scenario.EFFECTS,
        Scenario.CASE_MIX,
        Scenario.NON_RESPONSE,
        Scenario.BALLOT_STUFFING,
        Scenario.SKIPPED_PROMPTS,
    }
)
"""What a province shows unless one truth alone is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """Effects on opinion by unit, officer, family and hour of the day, and who does what.

    Arrays are in the order of the province's units, officers and families; `hours` has 24. `speed`
    are factors of officers' service times. `mood_counts` says whether moods decide who answers.
    """

    units: np.ndarray
    officers: np.ndarray
    families: np.ndarray
    hours: np.ndarray
    speed: np.ndarray
    mixes: np.ndarray
    worst: tuple[int, ...]
    best: tuple[int, ...]
    stuffed: tuple[int, ...]
    skipping: tuple[int, ...]
    mood_counts: bool


def draw_truths(place: HistoricProvince, scenarios: Collection[Scenario], seed: int) -> Truths:
    """Return the truths of these scenarios; what none of them plants is zero, or alike for all."""
    chance = np.random.default_rng([seed, 2])
    count, officers = len(place.units), len(place.officers)
    some = float(Scenario.EFFECTS in scenarios)
    units = chance.normal(0, UNIT_SD, count) * some * (Scenario.EQUAL_UNITS not in scenarios)
    worst: tuple[int, ...] = ()
    best: tuple[int, ...] = ()
    order = tuple(int(index) for index in chance.permutation(count))
    if Scenario.WORST_AND_BEST in scenarios:
        worst, best = order[:3], order[3:6]
        units = np.zeros(count)
        units[list(worst)], units[list(best)] = -OUTLIER, OUTLIER
    mixes = np.array([unit.mix for unit in place.units])
    if Scenario.CASE_MIX not in scenarios:
        mixes = np.broadcast_to(mixes.mean(axis=0), mixes.shape)
    skipping = chance.permutation(officers)[: max(1, officers // 30)]
    return Truths(
        units=units,
        officers=chance.normal(0, OFFICER_SD, officers) * some,
        families=np.array([-FAMILY_SD * family.hardness for family in place.families]),
        hours=chance.normal(0, HOUR_SD, 24) * some,
        speed=np.exp(chance.normal(0, 0.12, officers)),
        mixes=mixes,
        worst=worst,
        best=best,
        stuffed=order[6:8] if Scenario.BALLOT_STUFFING in scenarios else (),
        skipping=tuple(map(int, skipping)) if Scenario.SKIPPED_PROMPTS in scenarios else (),
        mood_counts=Scenario.NON_RESPONSE in scenarios,
    )
