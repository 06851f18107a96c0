"""A rule about figures of now, tried on a day, tells what was raised live on that day."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from contract.messages import TicketEvent, Upstream
from contract.topics import Address
from server.alerts.evaluation import evaluate
from server.alerts.figures import Figures
from server.alerts.library import shipped
from server.alerts.past import Past
from server.alerts.rules import Rule
from server.alerts.signals import Asked, read_signals
from server.alerts.trying import Trial, try_rule
from server.calendars.store import read_calendars
from server.db.connection import session_conninfo
from server.dossiers.states import SOON_DAYS
from server.errors import PeriodInvalid, RuleInvalid
from server.periods import today
from server.units.store import read_tree
from tests.coroutines import run
from tests.server import asking, build
from tests.server.alerts.province import CALENDAR, Judge, at, settle, working_day

pytestmark = pytest.mark.integration

UNITS = ("tu-son", "tu-son-mot-cua", "que-vo")
PLACES = tuple(
    Address(unit=unit, counter=f"quay-{number}", device=f"edge-{number}")
    for unit in UNITS
    for number in (1, 2)
)
HALF_MINUTES = 170
CASES = ("dossiers_due_soon", "complaints_near_deadline")


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


def live_through(judge: Judge) -> None:
    """Let the morning pass, judged at every minute."""
    rng = random.Random(5)

    async def work() -> None:
        where = session_conninfo(judge.url)
        async with await AsyncConnection.connect(where, autocommit=True) as connection:
            begun = judge.now
            for number in range(HALF_MINUTES):
                judge.now = begun + number * timedelta(seconds=30)
                await asyncio.to_thread(judge.store, *sent(rng, judge.now, number))
                if number % 2 == 0:
                    async with connection.transaction():
                        await evaluate(connection, (), judge.now)

    run(work())


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


def test_what_a_trial_tells_is_what_was_raised_live(judge):
    live_through(judge)
    rules = ("nobody_served", "wait_forecast", "device_silent", "camera_hidden", "outbox_growing")
    for rule in rules:
        live = raised_live(judge, rule)
        assert live, f"{rule} was not raised at all"
        told = [
            (each.unit, each.raised_at, each.ended_at)
            for each in trial(judge, shipped()[rule]).raised
        ]
        assert sorted(told) == live


def test_where_no_windows_are_kept_queues_are_those_who_waited_and_were_served(judge):
    day = working_day()
    judge.store(
        build.wait(at(day, "09:25"), 1500.0),  # from 9:00 on
        build.visit(at(day, "09:00"), 300.0),
        build.wait(at(day, "10:40"), 1500.0),
        build.visit(at(day, "10:30"), 600.0),
    )
    judge.now = at(day, "16:00")
    found = trial(judge, shipped()["nobody_served"])
    # Whoever left at 9:00 was attended to until a minute later; a condition lasts ten minutes.
    raised = [(each.raised_at, each.ended_at) for each in found.raised]
    assert raised == [(at(day, "09:12"), at(day, "09:25"))]
    assert found.days_unknown == 0


def test_cases_in_hand_are_counted_for_the_past_as_they_are_for_now(judge):
    now = datetime.now(UTC)
    rng = random.Random(3)
    for number in range(200):
        received = now - timedelta(days=rng.uniform(0, 40))
        due = received + timedelta(days=rng.uniform(1, 40))
        ended = due - timedelta(days=rng.uniform(-9, 9)) if rng.random() < 0.6 else None
        ended = None if ended is None or not received < ended < now else ended
        soon = CALENDAR.shift(due.astimezone(LOCAL_TIME).date(), -SOON_DAYS)
        keep(judge, UNITS[number % 3], number, received, due, ended, None if ended else soon)

    async def both(connection: AsyncConnection) -> tuple[Figures, Figures]:
        calendars, tree = await read_calendars(connection), await read_tree(connection, today(now))
        asked = Asked(tree=tree, calendars=calendars, now=now)
        past = Past(connection, CASES, timedelta(seconds=120))
        await past.begin(now - timedelta(days=2), now + timedelta(days=1), calendars)
        live = await read_signals(connection, CASES, asked)
        return past.figures(asked, tree.units), live.figures

    then, live = asking.ask(judge.url, both)
    for source in CASES:
        assert sorted(then[source], key=lambda each: each.unit) == sorted(
            live[source], key=lambda each: each.unit
        )
        assert any(each.value for each in then[source])


def keep(
    judge: Judge,
    unit: str,
    number: int,
    received: datetime,
    due: datetime,
    ended: datetime | None,
    soon: date | None,
) -> None:
    """Store a dossier and a complaint."""
    values = {"unit": unit, "at": received, "due": due, "ended": ended, "soon": soon}
    with psycopg.connect(session_conninfo(judge.url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO dossier (code, source, revision, digest, procedure, receiving_unit,"
            " resolving_unit, channel, received_at, begun_at, ended_at, counted, due_at,"
            " overdue_at, soon_from, requests, waits_for_citizen) VALUES (%(id)s, 's', %(at)s, 1,"
            " 'p', %(unit)s, %(unit)s, 'counter', %(at)s, %(at)s, %(ended)s, true, %(due)s,"
            " %(due)s, %(soon)s, 0, false)",
            {
                "id": f"d{number}",
                "unit": unit,
                "at": received,
                "due": due,
                "ended": ended,
                "soon": soon,
            },
        )
        connection.execute(
            "INSERT INTO complaint (id, source, revision, digest, unit, received_at, reject_due,"
            " ask_due, resolve_due, ended_at, overdue_at) VALUES (%(id)s, 's', %(at)s, 1, %(unit)s,"
            " %(at)s, %(due)s, %(due)s, %(due)s, %(ended)s, %(due)s)",
            values | {"id": f"c{number}"},
        )


@pytest.mark.parametrize("rule", ["ingest_behind", "clock_off", "jobs_failing", "backup_missing"])
def test_of_what_no_past_is_kept_a_trial_says_so(judge, rule):
    source = shipped()[rule].source
    with pytest.raises(RuleInvalid, match=f"looks at {source}, of which only the present is kept"):
        trial(judge, shipped()[rule])


def test_days_of_which_nothing_is_kept_are_no_quiet_days(judge):
    judge.now = at(working_day(), "16:00")
    with pytest.raises(RuleInvalid, match="nothing of nobody_served is kept of these days"):
        trial(judge, shipped()["nobody_served"])


def test_a_trial_takes_a_bounded_time_and_says_how_far_it_came(judge):
    judge.now = at(working_day(), "16:00")
    with pytest.raises(PeriodInvalid, match=f"could be tried until {working_day()} only"):
        trial(judge, shipped()["device_silent"], within_s=0.0)
    long = partial(try_rule, rule=shipped()["device_silent"], now=judge.now)
    with pytest.raises(PeriodInvalid, match="at most 31 days"):
        asking.ask(
            judge.url,
            partial(long, first=working_day() - timedelta(days=40), last=working_day()),
        )
