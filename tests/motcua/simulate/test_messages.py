"""Simulated messages keep to the contract and repeat themselves for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from contract.codec import decode, encode
from contract.local_time import LOCAL_TIME
from contract.messages import Observation, Rating
from contract.topics import STREAM_OF
from motcua.simulate.counter import day_at_counter
from motcua.simulate.events import SimulatedEvent
from motcua.simulate.messages import Clock, MessageWriter
from motcua.simulate.province import counters_of, province

DAY = datetime(2026, 11, 24, tzinfo=LOCAL_TIME)
COUNTER = max(counters_of(province(40, seed=1)), key=lambda counter: counter.visitors_a_day)


@pytest.fixture(scope="module")
def events() -> list[SimulatedEvent]:
    return list(day_at_counter(COUNTER, DAY, seed=1, watch_from=DAY + timedelta(hours=9)))


def _author(rate: float = 1.0) -> MessageWriter:
    device = COUNTER.address.device
    return MessageWriter(device=device, seed=1, clock=Clock(start=DAY, rate=rate))


@pytest.mark.parametrize("rate", [1.0, 60.0])
def test_every_message_is_one_that_the_server_reads(
    events: list[SimulatedEvent], rate: float
) -> None:
    author = _author(rate)
    kinds = set()
    for event in events:
        message = msgspec.structs.replace(author.message(event), seq=1)
        stream = STREAM_OF[type(message)]
        kinds.add(stream)
        assert decode(stream, encode(message), address=COUNTER.address) == message
    assert kinds == {"observation", "visit", "wait", "rating"}


def test_identifiers_repeat_and_never_collide(events: list[SimulatedEvent]) -> None:
    first = [_author().message(event).id for event in events]
    assert first == [_author().message(event).id for event in events]
    assert len(set(first)) == len(first)


def test_reasons_amend_the_rating_they_belong_to(events: list[SimulatedEvent]) -> None:
    author = _author()
    messages = [author.message(event) for event in events]
    ratings = {m.id: m for m in messages if isinstance(m, Rating) and m.amends is None}
    amendments = [m for m in messages if isinstance(m, Rating) and m.amends is not None]
    assert amendments
    assert all(ratings[m.amends].score == m.score for m in amendments)


def test_rate_speeds_up_when_things_happen() -> None:
    clock = Clock(start=DAY, rate=60.0)
    assert clock.real(DAY + timedelta(hours=1)) == DAY + timedelta(minutes=1)
    assert clock.real(DAY).tzinfo is UTC
    assert clock.simulated(DAY + timedelta(minutes=1)) == DAY + timedelta(hours=1)


def test_windows_shrink_with_the_rate(events: list[SimulatedEvent]) -> None:
    author = _author(60.0)
    windows = [m for m in map(author.message, events) if isinstance(m, Observation)]
    assert {m.window_s for m in windows} == {5 / 60}
