from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.push.needs import Cause, Gravity, Memory, Need, Share, UnitFacts, assess

NOON = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def follow(*moments: tuple[timedelta, UnitFacts]) -> tuple[Need, ...]:
    """The needs after these moments, one after the other."""
    needs, memory = (), Memory()
    for after, facts in moments:
        needs, memory = assess((facts,), memory, NOON + after)
    return needs


def share(value: float, spread: float = 0.01) -> Share:
    return Share(value=value, low=value - spread, high=value + spread)


CALM = UnitFacts(scope="subtree:a", waiting=3, open_counters=2, expected_wait_s=300.0)
ALONE = replace(CALM, waiting=6, open_counters=0)


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        (replace(CALM, expected_wait_s=901.0), Cause.LONG_WAIT),
        (replace(CALM, satisfied=share(0.8), usual=share(0.9)), Cause.SATISFACTION_FELL),
        (replace(CALM, due_soon=31.0, done=200.0), Cause.DOSSIERS_DUE),
    ],
)
def test_a_cause_that_holds_is_told_at_once(facts: UnitFacts, cause: Cause) -> None:
    (need,) = follow((0 * MINUTE, facts))
    assert (need.cause, need.gravity, need.since) == (cause, Gravity.WATCH, NOON)


@pytest.mark.parametrize(
    "facts",
    [
        CALM,
        replace(CALM, expected_wait_s=900.0),
        replace(CALM, waiting=0, expected_wait_s=1800.0),
        replace(CALM, satisfied=share(0.89), usual=share(0.9)),
        replace(CALM, due_soon=30.0, done=200.0),
        replace(CALM, due_soon=9.0, done=0.0),
        UnitFacts(scope="subtree:a"),
    ],
)
def test_what_is_as_usual_or_not_known_needs_nothing(facts: UnitFacts) -> None:
    assert follow((0 * MINUTE, facts), (20 * MINUTE, facts)) == ()


def test_people_whom_nobody_calls_are_told_after_minutes_and_critical_after_a_quarter() -> None:
    assert follow((0 * MINUTE, ALONE), (2 * MINUTE, ALONE)) == ()
    (soon,) = follow((0 * MINUTE, ALONE), (4 * MINUTE, ALONE))
    assert (soon.cause, soon.gravity, soon.since) == (Cause.NOBODY_CALLED, Gravity.ACT, NOON)
    (late,) = follow((0 * MINUTE, ALONE), (15 * MINUTE, ALONE))
    assert late.gravity is Gravity.CRITICAL


def test_a_counter_that_opens_ends_the_need_and_its_time() -> None:
    opened = replace(ALONE, open_counters=1)
    moments = ((0 * MINUTE, ALONE), (20 * MINUTE, opened), (21 * MINUTE, ALONE))
    assert follow(*moments) == ()


def test_a_queue_that_grows_within_a_quarter_of_an_hour_is_told() -> None:
    steady = [(at * MINUTE, replace(CALM, waiting=10)) for at in range(15)]
    assert follow(*steady) == ()
    (need,) = follow(*steady, (15 * MINUTE, replace(CALM, waiting=15)))
    assert need.cause is Cause.QUEUE_GROWS
    assert need.figures == {"waiting": 15, "grown": 5}


def test_a_queue_that_grew_long_ago_is_not_growing() -> None:
    early = [(at * MINUTE, replace(CALM, waiting=2 if at < 5 else 12)) for at in range(25)]
    assert follow(*early) == ()


def test_a_unit_is_told_once_with_its_gravest_cause_and_the_gravest_unit_first() -> None:
    both = replace(ALONE, satisfied=share(0.8), usual=share(0.9))
    other = replace(CALM, scope="subtree:b", expected_wait_s=1000.0)
    needs, memory = assess((other, both), Memory(), NOON)
    needs, memory = assess((other, both), memory, NOON + 5 * MINUTE)
    assert [(need.scope, need.cause) for need in needs] == [
        ("subtree:a", Cause.NOBODY_CALLED),
        ("subtree:b", Cause.LONG_WAIT),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.integers(0, 40), st.integers(0, 3)),
        min_size=1,
        max_size=40,
    )
)
def test_needs_never_begin_in_the_future_and_memory_stays_bounded(
    steps: list[tuple[int, int, int]],
) -> None:
    now, memory = NOON, Memory()
    for seconds, waiting, counters in steps:
        now += timedelta(seconds=seconds)
        facts = replace(CALM, waiting=float(waiting), open_counters=float(counters))
        needs, memory = assess((facts,), memory, now)
        assert all(need.since <= now for need in needs)
        assert len(memory.queues) <= 18
        assert len(memory.since) <= len(Cause)
