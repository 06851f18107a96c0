"""Which ratings are doubtful, and which are what citizens do."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.identifiers import derived_id
from contract.messages import Presence, Suspicion
from runtime.suspicion import REACH, Tap, suspicions

AT = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


def tap(after_s: float, number: int = 0, **facts: object) -> Tap:
    at = AT + timedelta(seconds=after_s)
    return Tap(id=derived_id(at, number), at=at, **facts)  # type: ignore[arg-type]


def doubts(*after_s: float) -> list[set[Suspicion]]:
    taps = [tap(seconds, number) for number, seconds in enumerate(after_s)]
    found = suspicions(taps, None)
    return [set(found[one.id]) for one in taps]


BURST, CADENCE = {Suspicion.BURST}, {Suspicion.CADENCE}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((0, 11, 19, 33, 41, 60), [BURST] * 6),
        ((0, 11, 19, 33, 41, 60.1), [set()] * 6),
        ((0, 5, 20, 31, 58), [set()] * 5),
        ((0, 9, 21, 28, 42, 55, 300), [BURST] * 6 + [set()]),
        ((0, 40, 80.4, 120, 160, 199.8), [CADENCE] * 6),
        ((0, 46, 92, 138, 184, 230), [set()] * 6),
        ((0, 40, 75, 120, 160, 200), [set()] * 6),
        ((0, 3, 6, 9, 12, 15), [BURST | CADENCE] * 6),
    ],
)
def test_taps_that_come_too_fast_or_too_regularly_are_doubtful(times, expected):
    assert doubts(*times) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, set()),
        ({"presence": Presence.CITIZEN, "held_s": 29.9}, set()),
        ({"presence": Presence.NOBODY}, {Suspicion.NOBODY}),
        ({"presence": Presence.OFFICER_SIDE}, {Suspicion.OFFICER_SIDE}),
        ({"held_s": 30.0}, {Suspicion.HELD_SCREEN}),
        ({"repeated": True}, {Suspicion.SEVERAL}),
        ({"marked": frozenset({Suspicion.BURST})}, {Suspicion.BURST}),
    ],
)
def test_a_rating_is_doubtful_by_its_own_circumstances(facts, expected):
    one = tap(0, **facts)
    assert suspicions([one], None)[one.id] == expected


def test_hours_count_where_they_are_known():
    one = tap(0)
    assert suspicions([one], lambda _at: False)[one.id] == {Suspicion.OUT_OF_HOURS}
    assert suspicions([one], lambda _at: True)[one.id] == set()


def test_people_who_come_one_after_the_other_are_not_doubted():
    """A busy counter: exponential gaps with a mean of a minute, forty thousand ratings."""
    chance = random.Random(7)
    at, taps = 0.0, []
    for number in range(40_000):
        at += 15 + chance.expovariate(1 / 45)
        taps.append(tap(at, number))
    doubted = sum(map(bool, suspicions(taps, None).values()))
    assert doubted <= 40  # 0.1 %


@given(
    times=st.lists(st.integers(0, 900), min_size=1, max_size=40),
    cut=st.integers(0, 900),
)
def test_what_is_further_away_than_the_reach_does_not_matter(times, cut):
    taps = [tap(seconds, number) for number, seconds in enumerate(times)]
    near = [one for one in taps if abs(one.at - (AT + timedelta(seconds=cut))) <= 2 * REACH]
    inner = [one for one in taps if abs(one.at - (AT + timedelta(seconds=cut))) <= REACH]
    whole, part = suspicions(taps, None), suspicions(near, None)
    assert {one.id: whole[one.id] for one in inner} == {one.id: part[one.id] for one in inner}
