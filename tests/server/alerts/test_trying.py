"""A rule about figures of now, tried on a day, tells what was raised live on that day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from msgspec.structs import replace
from psycopg import AsyncConnection

from contract.messages import TicketEvent, Upstream
from contract.topics import Address
from server.alerts.evaluation import evaluate
from server.alerts.library import shipped
from server.alerts.rules import Rule
from server.alerts.trying import Trial, try_rule
from server.db.connection import session_conninfo
from tests.coroutines import run
from tests.server import asking, build
from tests.server.alerts.province import Judge, at, settle, working_day

pytestmark = pytest.mark.integration

UNITS = ("tu-son", "tu-son-mot-cua", "que-vo")
PLACES = tuple(
    Address(unit=unit, counter=f"quay-{number}", device=f"edge-{number}")
    for unit in UNITS
    for number in (1, 2)
)
HALF_MINUTES = 170


@pytest.fixture
def judge(database_url) -> Judge:
    settle(database_url)
    return Judge(database_url, at(working_day(), "07:30"))


def sent(rng: random.Random, now: datetime, number: int) -> Iterator[tuple[Upstream, Address]]:
    """Yield what devices send in a morning in which each unit has troubles of its own."""
    minute = number / 2
    for place in PLACES:
        which = UNITS.index(place.unit)
        troubled = 12 + 9 * which <= minute < 36 + 9 * which
        if which == 0 and place.counter == "quay-2" and 45 <= minute < 62:
            continue  # no power
        queue = rng.randrange(4, 9) if troubled else rng.randrange(2)
        busy = 0 if troubled and which != 1 else rng.randrange(2)
        seen = build.observation(now, queue, address=place)
        yield replace(seen, people_present=queue + busy), place
        if busy and rng.random() < 0.3:
            yield build.visit(now, rng.uniform(200.0, 900.0), address=place), place
        if troubled and rng.random() < 0.01:
            yield build.ticket(now, event=TicketEvent.CALLED, address=place), place
        if number % 2 == 0:
            hidden = which == 2 and 20 <= minute < 40
            camera = "covered" if hidden else "ok"
            depth = 4_000 if which == 1 and minute > 50 else 5
            yield build.health(now, address=place, camera=camera, outbox_depth=depth), place


def live_through(judge: Judge, step: timedelta) -> None:
    """Let the morning pass, judged at every step."""
    rng = random.Random(5)

    async def work() -> None:
        where = session_conninfo(judge.url)
        async with await AsyncConnection.connect(where, autocommit=True) as connection:
            begun = judge.now
            for number in range(HALF_MINUTES):
                now = begun + number * timedelta(seconds=30)
                await apart_store(judge, list(sent(rng, now, number)))
                if (now - begun) % step == timedelta(0):
                    async with connection.transaction():
                        await evaluate(connection, (), now)
                judge.now = now

    run(work())


async def apart_store(judge: Judge, messages: list[tuple[Upstream, Address]]) -> None:
    import asyncio

    await asyncio.to_thread(judge.store, *messages)


def raised_live(judge: Judge, rule: str) -> list[tuple[str, datetime, datetime | None]]:
    return judge.rows(
        "SELECT coalesce(unit, ''), min(at) FILTER (WHERE step = 'raised'),"
        " CASE WHEN state = 'resolved' THEN max(at) FILTER (WHERE step IN ('ended', 'merged')) END"
        f" FROM alert JOIN alert_step ON alert = alert.id WHERE rule = '{rule}'"
        " GROUP BY alert.id ORDER BY 1, 2"
    )


def trial(judge: Judge, rule: Rule, **given: float) -> Trial:
    day = working_day()
    asked = partial(try_rule, rule=rule, first=day, last=day, now=judge.now, **given)
    return asking.ask(judge.url, asked)


@pytest.mark.parametrize(
    ("rules", "step_s"),
    [
        (("nobody_served", "wait_forecast"), 30),
        (("device_silent", "camera_hidden", "outbox_growing"), 60),
    ],
)
def test_what_a_trial_tells_is_what_was_raised_live(judge, rules, step_s):
    live_through(judge, timedelta(seconds=step_s))
    for rule in rules:
        live = raised_live(judge, rule)
        assert live, f"{rule} was not raised at all"
        told = [
            (each.unit, each.raised_at, each.ended_at)
            for each in trial(judge, shipped()[rule]).raised
        ]
        assert sorted(told) == live
