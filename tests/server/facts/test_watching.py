"""Time in which devices were heard: from bits of days as from every hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from server.db.connection import session
from server.facts.sources import Dimension, Fact, Selection
from server.facts.store import read_facts
from server.facts.watching import WATCHED_SERVICES, WATCHING, WatchingTotals
from server.periods import Period, day_of
from tests.server import build
from tests.server.asking import ask, store

pytestmark = pytest.mark.integration

MONDAY = datetime(2026, 10, 5, 0, 0, tzinfo=UTC)  # 07:00 in Viet Nam


def test_bits_of_days_tell_what_every_hour_does(database_url):
    heard = [MONDAY + timedelta(hours=hours) for hours in (-3, 0.5, 1.2, 4.1, 9, 26, 27.9, 49, 52)]
    store(database_url, *(build.rating(at) for at in heard[::2]))
    store(database_url, *(build.observation(at, 1) for at in reversed(heard)))
    place = replace(build.HERE, counter="other")
    store(database_url, build.rating(MONDAY + timedelta(hours=28), address=place))
    with session(database_url) as connection:
        connection.execute(
            "UPDATE device SET retired_at = %s WHERE counter = %s",
            [MONDAY + timedelta(hours=51.5), build.HERE.counter],
        )
    first = day_of(MONDAY).first
    assert first is not None
    days = Period.range(first, first + timedelta(days=3))
    for selection in (Selection(period=days), Selection(period=days, by=Dimension.COUNTER)):
        told, hours = (
            ask(database_url, partial(read_facts, source=source, selection=selection))
            for source in (WATCHING, WATCHED_SERVICES)
        )
        key = times(told)
        assert key == times(hours)
        assert sum(heard_s for _, heard_s, _ in key.values()) > 0
        assert any(open_s > heard_s > counted_s for open_s, heard_s, counted_s in key.values())


def times(facts: Iterable[Fact[WatchingTotals]]) -> dict[object, tuple[int, int, int]]:
    return {
        (fact.unit, fact.member, fact.day): (
            fact.totals.open_s, fact.totals.heard_s, fact.totals.counted_s
        )
        for fact in facts
    }  # fmt: skip
