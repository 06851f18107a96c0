"""What late data contradict is withdrawn, whatever the rule looks at; nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from msgspec.structs import replace as changed
from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled

from contract.messages import TicketEvent
from server.alerts.alerts import Severity
from server.alerts.channels.channels import Channel, Kind
from server.alerts.contradictions import CONTRADICTABLE, Check, check_late, withdraw
from server.alerts.library import shipped
from server.alerts.past import KEPT, Past
from server.alerts.rule_store import change_rule
from server.alerts.rules import Rule
from server.alerts.settings import AlertSettings
from server.alerts.watch import Watch
from server.db.pool import Database, PoolSettings
from server.jobs import create_app
from tests.coroutines import run
from tests.server import asking, build
from tests.server.alerts.province import DEVICES, Judge, at, settle, working_day
from tests.server.alerts.test_trying import keep
from tests.sources import ROOT

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
    for number in range(80):
        moment = judge.now - number * MINUTE / 2
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


def test_it_is_told_with_the_figure_of_then_and_of_now(judge):
    screen = Channel(name="unit", kind=Kind.APPRISE, to=("unit",), severity=Severity.NOTICE)
    judge.channels = (screen,)
    nobody_served(judge)
    come_late(judge, CASES["served"])
    assert check(judge) == 1
    steps = judge.rows("SELECT step, actor, note FROM alert_step ORDER BY number")
    assert steps == [("raised", "alerts", ""), ("withdrawn", "alerts", "late_data then=3 since=0")]
    assert judge.rows("SELECT step FROM alert_message ORDER BY step") == [(1,), (2,)]
    assert check(judge) == 0, "the same rows are looked at once"


def test_the_watch_looks_for_late_data_beside_its_judgements(judge):
    nobody_served(judge)
    come_late(judge, CASES["served"])

    async def work() -> int:
        database = Database(judge.url, PoolSettings())
        await database.open()
        try:
            app = create_app(judge.url)
            return await Watch(app, database, judge.url, (), AlertSettings()).check(judge.now)
        finally:
            await database.close()

    assert run(work()) == 1
    assert judge.alerts() == [("nobody_served", "tu-son", "withdrawn")]


def test_what_cannot_be_judged_again_in_time_stays_as_it_is(judge, monkeypatch):
    nobody_served(judge)
    come_late(judge, CASES["served"])

    async def hang(past: Past, *_: object) -> None:
        del past
        raise QueryCanceled("canceling statement due to statement timeout")

    monkeypatch.setattr(Past, "begin", hang)
    assert check(judge) == 0
    assert judge.alerts() == [("nobody_served", "tu-son", "raised")]
    assert judge.rows("SELECT count(*) FROM alert_check") == [(1,)], "it is not tried for ever"


def test_what_still_holds_is_raised_anew_once_it_has_lasted_anew(judge):
    nobody_served(judge)
    come_late(judge, CASES["served"])
    check(judge)
    for _ in range(9):
        judge.now += MINUTE
        judge.waiting(3)
        judge.judge()
    assert ("nobody_served", "tu-son", "raised") not in judge.alerts()
    wait(judge, 3)
    assert ("nobody_served", "tu-son", "raised") in judge.alerts()


def test_late_data_that_do_not_contradict_it_leave_it_and_are_looked_at_once(judge):
    nobody_served(judge)

    def waited_as_well(judge: Judge) -> None:
        seen = build.observation(judge.now - 8 * MINUTE, 2, address=OTHER)
        judge.store((changed(seen, people_present=2), OTHER))

    come_late(judge, Case(rule="nobody_served", begin=nobody_served, late=waited_as_well))
    assert check(judge) == 0
    assert judge.alerts() == [("nobody_served", "tu-son", "raised")]
    assert judge.rows("SELECT count(*) FROM alert_check") == [(1,)]


def test_what_somebody_has_closed_stays_as_it_was_closed(judge):
    nobody_served(judge)
    judge.change(
        "UPDATE alert SET state = 'resolved', closed_by_people = true, verdict = 'right',"
        " resolved_at = changed_at"
    )
    come_late(judge, CASES["served"])
    assert check(judge) == 0
    assert judge.alerts() == [("nobody_served", "tu-son", "resolved")]


def test_a_rule_that_was_changed_meanwhile_contradicts_nothing(judge):
    nobody_served(judge)
    apply(judge, replace(shipped()["nobody_served"], raise_at=9.5, clear_at=9.5))
    come_late(judge, CASES["served"])
    assert check(judge) == 0


def test_a_device_that_was_silent_is_not_withdrawn_for_what_it_sends_afterwards(judge):
    heartbeats(judge, camera="ok")
    assert judge.alerts() == [("device_silent", "tu-son", "raised")]
    come_late(judge, CASES["camera"])
    assert check(judge) == 0
    assert judge.alerts() == [("device_silent", "tu-son", "raised")]


def dossiers(judge: Judge, ended: int) -> None:
    """Forty dossiers in hand, due tomorrow: `ended` of them ended an hour before, and told so."""
    for number in range(40):
        done = judge.now - timedelta(hours=3) if number < ended else None
        due = judge.now + timedelta(hours=20 if number < 25 else 900)
        soon = None if number >= 25 else judge.now.date() - timedelta(days=3)
        keep(judge, "tu-son", number, judge.now - timedelta(days=9), due, done, soon)


@pytest.mark.parametrize("rule", ["dossiers_due_soon", "complaints_near_deadline"])
def test_cases_that_had_ended_before_an_alert_of_them_withdraw_it(judge, rule):
    judge.now = datetime.now(UTC) - timedelta(hours=2)
    begun = judge.now
    dossiers(judge, 0)
    for table in ("dossier", "complaint"):
        known = (begun - timedelta(days=1)).isoformat()
        judge.change(f"UPDATE {table} SET known_from = '{known}', stored_at = '{known}'")
    for _ in range(42):
        judge.judge(90)
    assert (rule, "tu-son", "raised") in judge.alerts()
    assert check(judge) == 0
    table = rule.split("_")[0].removesuffix("s")
    ended = (begun - timedelta(minutes=9)).isoformat()
    judge.change(f"UPDATE {table} SET ended_at = '{ended}' WHERE overdue_at < now() + '1 day'")
    judge.now = datetime.now(UTC)
    assert check(judge) == 1
    assert (rule, "tu-son", "withdrawn") in judge.alerts()


def test_every_source_is_contradicted_or_said_not_to_be():
    text = (ROOT / "docs" / "alerting.md").read_text(encoding="utf-8")
    live = {rule.source for rule in shipped().values() if rule.is_live} | KEPT
    for source in live:
        (line,) = (each for each in text.splitlines() if each.startswith(f"| `{source}`"))
        assert ("no:" not in line) == (source in CONTRADICTABLE), source
