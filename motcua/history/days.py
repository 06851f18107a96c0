"""One day at every counter: arrivals, waits, visits, and what people say of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from motcua.history.places import HistoricProvince
from motcua.history.truths import Truths

SESSIONS_H = ((7.5, 11.5), (13.5, 17.0))
_WEIGHTS = ((0.7, 1.5, 1.45, 1.0, 0.35), (0.8, 1.35, 1.1, 0.6))
"""Of arrivals, at each hour's beginning within a session."""
_SHARE_OF_MORNING = 0.58
_SERVICE_SIGMA, _PATIENCE_MEDIAN_S, _PATIENCE_SIGMA = 0.55, 2700.0, 0.6
_SHORTEST_S, _LONGEST_S = 20.0, 3600.0
_WEEKDAYS = np.array([1.25, 1.05, 1.0, 0.95, 1.0, 0.45, 0.0])
_BASE_OPINION = 1.25
"""Latent opinion of an average visit: with noise of one, some 88 % are satisfied."""
_CUTS = np.array([-1.15, -0.65, 0.05, 1.15])
"""Between the five levels."""
_WAIT_COST = 0.3
"""Of opinion, for a quarter of an hour of waiting; at most twice."""
_OUTAGE = 0.03
_STUFFED = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEvents:
    """What happened on one local day, a row a person; times are seconds since local midnight.

    `counter`, `unit`, `officer`, `family` index the province's. `served` is False for those who
    left; `seen` for those whom a camera saw; `score` is 0 where nobody rated, `prompt` 0 none,
    1 answered, 2 timed out, 3 skipped by the officer. `opinion` is what nobody can see. Ratings of
    nobody (`stuffed`) have no visit.
    """

    day: date
    counter: np.ndarray
    unit: np.ndarray
    officer: np.ndarray
    family: np.ndarray
    arrived_s: np.ndarray
    begun_s: np.ndarray
    ended_s: np.ndarray
    served: np.ndarray
    seen: np.ndarray
    opinion: np.ndarray
    prompt: np.ndarray
    score: np.ndarray
    positive: np.ndarray
    negative: np.ndarray
    stuffed_counter: np.ndarray
    stuffed_s: np.ndarray


def roster(place: HistoricProvince, week: int) -> np.ndarray:
    """Return the index of the officer at each counter in the `week`: posts rotate weekly."""
    first, result = 0, []
    for unit in place.units:
        count = len(unit.officers)
        result += [first + (number + week) % count for number in range(unit.counters)]
        first += count
    return np.array(result)


def simulate_day(place: HistoricProvince, truths: Truths, day: date, seed: int) -> DayEvents:
    """Return the day; the same seed and day give the same, whatever other days are asked for."""
    chance = np.random.default_rng([seed, 3, day.toordinal()])
    unit_of = np.array([unit for unit, _ in place.counters])
    officer_at = roster(place, day.toordinal() // 7)
    mean = np.array(
        [place.units[unit].visitors_a_day / place.units[unit].counters for unit in unit_of]
    )
    season = 1 + 0.12 * np.sin(2 * np.pi * day.timetuple().tm_yday / 365)
    mean = mean * _WEEKDAYS[day.weekday()] * season
    parts = [
        _session(place, truths, chance, index, mean, unit_of, officer_at)
        for index in range(len(SESSIONS_H))
        if not (index == 1 and day.weekday() == 5)
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return DayEvents(day=day, **columns, **_opinions(place, truths, chance, columns, unit_of))


def _session(
    place: HistoricProvince,
    truths: Truths,
    chance: np.random.Generator,
    index: int,
    mean: np.ndarray,
    unit_of: np.ndarray,
    officer_at: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return half a day: one queue a counter, first come first served, some lose patience."""
    share = _SHARE_OF_MORNING if index == 0 else 1 - _SHARE_OF_MORNING
    count = chance.poisson(mean * share)
    counters, most = len(mean), max(1, int(count.max(initial=0)))
    there = np.arange(most) < count[:, None]
    closing_s = SESSIONS_H[index][1] * 3600
    arrived = np.where(there, _arrivals(chance, index, (counters, most)), closing_s)
    arrived.sort(axis=1)
    mixes = truths.mixes[unit_of].cumsum(axis=1)
    drawn = chance.random((counters, most))
    family = np.minimum((drawn[..., None] > mixes[:, None, :]).sum(axis=2), len(place.families) - 1)
    medians = np.array([each.service_s for each in place.families])
    service = medians[family] * truths.speed[officer_at][:, None]
    service = service * np.exp(chance.normal(0, _SERVICE_SIGMA, service.shape))
    service = np.clip(service, _SHORTEST_S, _LONGEST_S)
    patience = _PATIENCE_MEDIAN_S * np.exp(chance.normal(0, _PATIENCE_SIGMA, service.shape))
    begun, served = np.empty_like(service), np.zeros(service.shape, bool)
    free = np.full(counters, SESSIONS_H[index][0] * 3600)
    for place_in_line in range(most):
        came = arrived[:, place_in_line]
        start = np.maximum(came, free)
        stays = there[:, place_in_line] & (start - came <= patience[:, place_in_line])
        served[:, place_in_line] = stays
        begun[:, place_in_line] = np.where(stays, start, came + patience[:, place_in_line])
        free = np.where(stays, start + service[:, place_in_line] + 15, free)
    begun = np.round(begun, 1)
    arrived, service = np.round(arrived, 1), np.round(service, 1)
    at = np.nonzero(there)
    return {
        "counter": at[0],
        "unit": unit_of[at[0]],
        "officer": officer_at[at[0]],
        "family": family[at],
        "arrived_s": arrived[at],
        "begun_s": begun[at],
        "ended_s": np.where(served[at], begun[at] + service[at], begun[at]),
        "served": served[at],
    }


def _arrivals(chance: np.random.Generator, index: int, shape: tuple[int, int]) -> np.ndarray:
    """Return times of arrival in seconds, drawn from the session's piecewise linear density."""
    start, end = SESSIONS_H[index]
    knots = np.linspace(start, end - 0.1, len(_WEIGHTS[index]))
    grid = np.linspace(start, end - 0.1, 200)
    density = np.interp(grid, knots, _WEIGHTS[index])
    cumulated = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    at_h: np.ndarray = np.interp(chance.random(shape) * cumulated[-1], cumulated, grid)
    return at_h * 3600


def _opinions(
    place: HistoricProvince,
    truths: Truths,
    chance: np.random.Generator,
    came: dict[str, np.ndarray],
    unit_of: np.ndarray,
) -> dict[str, np.ndarray]:
    unit, served = came["unit"], came["served"]
    size = len(unit)
    wait_s = came["begun_s"] - came["arrived_s"]
    hour = np.minimum(came["begun_s"] // 3600, 23).astype(int)
    opinion = (
        _BASE_OPINION + truths.units[unit] + truths.officers[came["officer"]]
        + truths.families[came["family"]] + truths.hours[hour]
        - _WAIT_COST * np.minimum(wait_s / 900, 2) + chance.normal(size=size)
    )  # fmt: skip
    service_s = came["ended_s"] - came["begun_s"]
    difficult = (opinion < _CUTS[2]) | (service_s > 600)
    skips = np.isin(came["officer"], truths.skipping) & difficult & (chance.random(size) < 0.7)
    rate = np.array([each.response_rate for each in place.units])[unit]
    if truths.mood_counts:
        rate = np.clip(rate * (0.75 + 0.45 * np.abs(np.tanh(opinion - 0.6))), 0, 1)
    answers = served & ~skips & (chance.random(size) < rate)
    level = 1 + np.searchsorted(_CUTS, opinion)
    feeling = np.tanh(0.5 * (opinion - 0.5)) + chance.normal(0, 0.5, size)
    positive = np.clip(0.22 + 0.12 * feeling, 0.01, 0.9)
    negative = np.clip(0.12 - 0.07 * feeling, 0.01, 0.9 - positive)
    away = chance.random(len(place.units)) < _OUTAGE
    stuffed = [unit for unit in truths.stuffed if chance.random() < _STUFFED]
    posts = [int(np.flatnonzero(unit_of == unit)[0]) for unit in stuffed]
    # Ratings of nobody need an officer who was there, whom somebody's visit tells.
    burst = [post for post in posts if post in came["counter"] for _ in range(25)]
    return {
        "seen": ~away[unit],
        "opinion": opinion,
        "prompt": np.where(~served, 0, np.where(skips, 3, np.where(answers, 1, 2))),
        "score": np.where(answers, level, 0),
        "positive": np.round(positive, 4),
        "negative": np.round(negative, 4),
        "stuffed_counter": np.array(burst, int),
        "stuffed_s": 16.9 * 3600 + 4.0 * np.arange(len(burst)) % 100,
    }
