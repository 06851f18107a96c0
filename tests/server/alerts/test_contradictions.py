"""What late data contradict is withdrawn, whatever the rule looks at; nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from msgspec.structs import replace as changed
from psycopg import AsyncConnection

from contract.messages import TicketEvent
from server.alerts.contradictions import CONTRADICTABLE, Check, check_late, withdraw
from server.alerts.library import shipped
from server.alerts.past import KEPT
from server.alerts.rule_store import change_rule
from server.alerts.rules import Rule
from tests.server import asking, build
from tests.server.alerts.province import DEVICES, Judge, at, settle, working_day
from tests.server.alerts.test_trying import keep

pytestmark = pytest.mark.integration

HERE, OTHER = DEVICES
MINUTE = timedelta(minutes=1)


@pytest.fixture
def judge(database_url) -> Judge:
    settle(database_url)
    return Judge(database_url, at(working_day(), "10:00"))


def check(judge: Judge) -> int:
    """Look for late data as the watch does."""

    async def work(connection: AsyncConnection) -> int:
        checks: list[Check] = await check_late(connection, judge.now)
        return await withdraw(connection, checks, judge.channels, judge.now)

    return asking.ask(judge.url, work)


TABLES = ("observation", "visit", "ticket", "health")


def come_late(judge: Judge, case: Case) -> None:
    """Store what comes late: what was there came in time, by the test's clock."""
    for table in TABLES:
        judge.change(f"UPDATE {table} SET received_at = observed_at")
    case.late(judge)
    for table in TABLES:
        judge.change(
            f"UPDATE {table} SET received_at = '{judge.now.isoformat()}'"
            " WHERE received_at <> observed_at"
        )


def apply(judge: Judge, rule: Rule) -> None:
    rule = replace(rule, version=rule.version + 1)
    asking.ask(judge.url, partial(change_rule, rule=rule, by="admin", reason="thử", now=judge.now))


def wait(judge: Judge, people: int, *, served: bool = False) -> None:
    """Let people wait at the first counter for a quarter of an hour, judged every minute."""
    for _ in range(15):
        judge.now += MINUTE
        judge.waiting(people, served=served)
        judge.judge()


def nobody_served(judge: Judge) -> None:
    wait(judge, 3)


def long_queue(judge: Judge) -> None:
    apply(judge, replace(shipped()["wait_forecast"], silenced_by=(), least_n=2))
    served = [build.visit(judge.now - n * MINUTE, 900.0, address=HERE) for n in range(9)]
    judge.store(*((each, HERE) for each in served))
    wait(judge, 6, served=True)


def many_wait(judge: Judge) -> None:
    rule = replace(
        shipped()["nobody_served"], source="people_waiting", raise_at=5.0, clear_at=4.0, hold_s=400
    )
    apply(judge, rule)
    wait(judge, 6)


def heartbeats(judge: Judge, **fields: object) -> None:
    """Let the first device report something for a quarter of an hour; the other one stays well."""
    for number in range(15):
        judge.now += MINUTE
        said = [(build.health(judge.now, address=HERE), HERE)]
        if number < 3:
            said.append((build.health(judge.now, address=OTHER, **fields), OTHER))
        else:
            said[0] = (build.health(judge.now, address=HERE, camera="ok", outbox_depth=1), HERE)
        judge.store(*said)
        judge.judge()


def served_late(judge: Judge) -> None:
    judge.store((build.visit(judge.now - 8 * MINUTE, 300.0, address=OTHER), OTHER))


def called_late(judge: Judge) -> None:
    called = build.ticket(judge.now - 8 * MINUTE, event=TicketEvent.CALLED, address=OTHER)
    judge.store((called, OTHER))


def seen_serving_late(judge: Judge) -> None:
    for number in range(6, 14):
        seen = build.observation(judge.now - number * MINUTE, 0, address=OTHER)
        judge.store((changed(seen, people_present=1), OTHER))


def quick_services_late(judge: Judge) -> None:
    """A second counter served quickly all the while: nobody has to wait long."""
    for number in range(16):
        moment = judge.now - number * MINUTE
        seen = build.observation(moment, 0, address=OTHER)
        judge.store(
            (build.visit(moment, 50.0, address=OTHER), OTHER),
            (changed(seen, people_present=1), OTHER),
        )


def heartbeats_late(judge: Judge) -> None:
    for number in range(1, 12):
        well = build.health(
            judge.now - number * MINUTE,
            address=OTHER, camera="ok", outbox_depth=1, disk_free_mb=20_000.0,
        )  # fmt: skip
        judge.store((well, OTHER))


@dataclass(frozen=True, kw_only=True)
class Case:
    """How an alert comes about, what comes late that contradicts it, and where that is kept."""

    rule: str
    begin: Callable[[Judge], None]
    late: Callable[[Judge], None]


CASES = {
    "served": Case(rule="nobody_served", begin=nobody_served, late=served_late),
    "called": Case(rule="nobody_served", begin=nobody_served, late=called_late),
    "seen": Case(rule="nobody_served", begin=nobody_served, late=seen_serving_late),
    "forecast": Case(rule="wait_forecast", begin=long_queue, late=quick_services_late),
    "camera": Case(
        rule="camera_hidden", begin=partial(heartbeats, camera="covered"), late=heartbeats_late
    ),
    "outbox": Case(
        rule="outbox_growing", begin=partial(heartbeats, outbox_depth=9_000), late=heartbeats_late
    ),
    "disk": Case(
        rule="device_disk_full", begin=partial(heartbeats, disk_free_mb=9.0), late=heartbeats_late
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_alert_that_late_data_contradict_is_withdrawn(judge, name):
    case = CASES[name]
    case.begin(judge)
    assert case.rule in {rule for rule, _, _ in judge.alerts()}
    assert check(judge) == 0, "nothing came late"
    come_late(judge, case)
    assert check(judge) == 1
    assert (case.rule, "tu-son", "withdrawn") in judge.alerts()
