"""Opinions and service of fewer than three officers: who is told, who is not, and what is noted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from contract.messages import SessionEvent
from contract.topics import Address
from server.access.roles import Role
from server.db.connection import session_conninfo
from server.facts.jobs import recount_all
from server.periods import day_of
from tests.server import build
from tests.server.access.office import (
    BELOW,
    FOREIGN,
    OWN,
    Desk,
    at_desk,
    settle,
    sign_in_everybody,
)
from tests.server.asking import store
from tests.waiting import eventually

pytestmark = pytest.mark.integration

RATINGS = 3
OFFICERS = {OWN: ("A1", "A2"), BELOW: ("B1", "B2", "B3"), FOREIGN: ("C1", "C2", "C3", "C4")}
"""Each at a counter of their own, with RATINGS ratings: OWN is small, and BELOW lies below it."""


def some_time_today() -> datetime:
    """Return half an hour ago, or when the local day began."""
    now = datetime.now(UTC)
    return max(now - timedelta(minutes=30), day_of(now).bounds[0])


def serve(database_url: str) -> None:
    """Sign the officers on, and let each be rated."""
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true")
        for codes in OFFICERS.values():
            for code in codes:
                connection.execute("INSERT INTO officer VALUES (%s, %s)", (code, code))
    for unit, codes in OFFICERS.items():
        for number, code in enumerate(codes):
            at = Address(unit=unit, counter=f"quay-{number}", device="edge-1")
            begun = some_time_today()
            on = build.officer_session(begun, officer=code, event=SessionEvent.ON, address=at)
            rated = [
                build.rating(begun + timedelta(seconds=1 + each), 5, address=at)
                for each in range(RATINGS)
            ]
            store(database_url, *((message, at) for message in [on, *rated]))
    recount_all(database_url)


@pytest.fixture
def served(database_url: str) -> str:
    settle(database_url)
    serve(database_url)
    return database_url


def told(answer: httpx.Response) -> dict[str, int | str]:
    """Return n of each reading, or why there is none."""
    assert answer.status_code == 200, answer.text
    return {each["scope"]: each.get("withheld", each["n"]) for each in answer.json()["readings"]}


ASK = "/api/v1/readings?kpi=ratings"
FEW = "few_officers"


def test_each_is_told_what_names_nobody_or_whom_they_may_see(served):
    tokens = sign_in_everybody(served)

    async def work(desk: Desk) -> None:
        leader, head = tokens[Role.PROVINCE_LEADER], tokens[Role.UNIT_HEAD]
        by_unit = told(await desk.ask(f"{ASK}&by=unit", leader))
        # OWN has two officers: less than three; its own figure is that of its subtree less BELOW's.
        assert by_unit[f"subtree:{OWN}"] == 5 * RATINGS
        assert by_unit[f"subtree:{BELOW}"] == FEW
        assert by_unit[f"subtree:{FOREIGN}"] == 4 * RATINGS
        own = f"{ASK}&scope=unit:{OWN}"
        assert told(await desk.ask(f"{ASK}&scope=subtree:{OWN}", leader)) == {
            f"subtree:{OWN}": 5 * RATINGS
        }
        assert told(await desk.ask(own, leader)) == {f"unit:{OWN}": FEW}
        assert told(await desk.ask(own, head)) == {f"unit:{OWN}": 2 * RATINGS}
        visits = await desk.ask(f"/api/v1/readings?kpi=people_waiting&scope=unit:{OWN}", leader)
        assert FEW not in told(visits).values()
        seen = (await desk.ask("/api/v1/audit?limit=100", tokens[Role.AUDITOR])).json()
        looks = [each for each in seen if each["action"] == "officer_seen"]
        assert [(each["actor"], each["subject"]) for each in looks] == [
            ("unit-head", f"unit:{OWN}")
        ]

    at_desk(served, work)


def test_below_a_unit_all_parts_are_told_or_none(served):
    """Each counter has one officer: all of them are named, unless the right is there."""
    tokens = sign_in_everybody(served)

    async def work(desk: Desk) -> None:
        by_counter = f"{ASK}&scope=unit:{OWN}&by=counter"
        leader = told(await desk.ask(by_counter, tokens[Role.PROVINCE_LEADER]))
        assert set(leader.values()) == {FEW}
        one = f"{ASK}&scope=counter:{FOREIGN}/quay-1"
        assert set(told(await desk.ask(one, tokens[Role.OPERATOR])).values()) == {FEW}

    at_desk(served, work)


def test_live_figures_and_rankings_tell_nobody(served):
    tokens = sign_in_everybody(served)

    async def work(desk: Desk) -> None:
        token = tokens[Role.AUDITOR]
        found = (await desk.ask("/api/v1/snapshot", token)).json()["readings"]
        kpis = {
            each["kpi"]: each.get("withheld", each["n"])
            for each in found
            if each["scope"] == f"subtree:{BELOW}"
        }
        assert kpis["ratings"] == kpis["share_satisfied"] == kpis["median_service"] == FEW
        assert kpis["visits"] != FEW
        assert kpis["devices_online"] != FEW
        ranking = "/api/v1/rankings?period=day"
        leader = (await desk.ask(ranking, tokens[Role.PROVINCE_LEADER])).json()
        rows = {row["unit"]: row for kind in leader["kinds"] for row in kind["rows"]}
        assert rows[OWN]["withheld"] == rows[BELOW]["withheld"] == FEW
        assert rows[FOREIGN]["n"] == 4 * RATINGS

    at_desk(served, work)


def test_whoever_comes_on_changes_what_walls_are_told(served):
    """A third officer of OWN signs on: its figure, and BELOW's, name nobody any more."""
    tokens = sign_in_everybody(served)

    async def work(desk: Desk) -> None:
        at = Address(unit=OWN, counter="quay-9", device="edge-1")
        on = build.officer_session(some_time_today(), officer="A3", address=at)
        await asyncio.to_thread(store, served, (on, at))
        cache = desk.app.state.live.cache

        def below_is_told() -> bool:
            return cache.readings[f"subtree:{BELOW}", "ratings"].withheld is None

        await asyncio.to_thread(eventually, below_is_told, 20, what="the new officer")
        snapshot = await desk.ask("/api/v1/snapshot", tokens[Role.AUDITOR])
        assert snapshot.status_code == 200

    at_desk(served, work)
