"""The daily brief: what it says, whom it goes to, and that each morning's goes out once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from contract.readings import Reading
from contract.texts import Language
from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.audit.entries import Action
from server.briefs import mails, store
from server.briefs.briefs import Found, Spans, write_brief
from server.errors import Conflict
from server.units.units import UnitTree
from tests.server.access.office import OWN, acts, settle, sign_in
from tests.server.reports.test_mails import mail_server, settings
from tests.server.reports.work import with_database

DAY = date(2026, 11, 4)
SEVEN = datetime(2026, 11, 4, 0, tzinfo=UTC)
"""07:00 local time."""
HERE, THERE = "subtree:a", "subtree:b"


def share(scope: str, value: float, around: float, kpi: str = "share_satisfied") -> Reading:
    return Reading(
        kpi=kpi,
        version=1,
        scope=scope,
        period="2026-W44",
        value=value,
        n=400,
        low=value - around,
        high=value + around,
    )


def count(scope: str, value: float) -> Reading:
    return Reading(
        kpi="dossiers_overdue", version=1, scope=scope, period="2026-W44", value=value, n=int(value)
    )


def keyed(*readings: Reading) -> dict[tuple[str, str], Reading]:
    return {(each.scope, each.kpi): each for each in readings}


def found(*, now: tuple[Reading, ...], before: tuple[Reading, ...]) -> Found:
    whole = {"share_satisfied": share("province", 0.9312, 0.01)}
    return Found(
        yesterday=whole,
        week=whole,
        before=whole,
        units=keyed(*now),
        units_before=keyed(*before),
        tree=UnitTree(),
    )


def test_spans_are_yesterday_and_two_whole_weeks():
    spans = Spans.until(DAY)
    told = [str(each) for each in (spans.yesterday, spans.week, spans.before)]
    assert told == ["2026-11-03", "2026-W44", "2026-W43"]


@pytest.mark.parametrize(
    ("language", "figure", "worse", "asked"),
    [
        (Language.VI, "93,1\N{NO-BREAK SPACE}% (92,1–94,1)", "tuần trước nữa 90", "vì sao 1.200"),
        (
            Language.EN,
            "93.1\N{NO-BREAK SPACE}% (92.1–94.1)",
            "in the week before 90",
            "why are 1,200",
        ),
    ],
)
def test_it_tells_losses_beyond_chance_and_asks_about_the_most_overdue(
    language, figure, worse, asked
):
    now = (share(HERE, 0.7, 0.05), share(THERE, 0.8, 0.05), count(HERE, 3), count(THERE, 1200))
    before = (share(HERE, 0.9, 0.05), share(THERE, 0.85, 0.05))
    brief = write_brief(found(now=now, before=before), DAY, "X\r\nBcc: a@b", language)
    lines = brief.body.splitlines()
    assert figure in brief.body
    assert sum(worse in line and line.startswith("- ") for line in lines) == 1
    most, least = [line for line in lines if line.startswith("- ")][-2:]
    assert asked in most
    assert least.startswith("- a: ")
    assert "\n" not in brief.subject
    assert "\r" not in brief.subject


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-04T06:59:59+07:00", None),
        ("2026-11-04T07:00:00+07:00", DAY),
        ("2026-11-04T18:59:59+07:00", DAY),
        ("2026-11-04T19:00:00+07:00", None),
    ],
)
def test_it_is_due_from_seven_until_the_evening(at, due):
    assert mails.due_day(settings(), datetime.fromisoformat(at)) == due


def subscribe(url: str, address: str, account: str | None = None, scope: str = "province") -> None:
    async def work(database):
        asked = store.Subscriber(
            address=address, scope=scope, language=Language.VI, account=account, since=SEVEN
        )
        async with database.write() as connection:
            await store.subscribe(connection, asked)

    with_database(url, work)


def go(url: str, port: int, now: datetime) -> tuple[int, int]:
    """Return how many were planned, and how many were tried."""

    async def work(database):
        planned, tried = await mails.plan_briefs(database, settings(port), now), 0
        while await mails.send_next(database, settings(port), now):
            tried += 1
        return planned, tried

    return with_database(url, work)


@pytest.mark.integration
def test_each_morning_goes_out_once_and_again_under_the_same_id_where_it_failed(database_url):
    settle(database_url)
    sign_in(database_url, "head", RoleHeld(role=Role.UNIT_HEAD, unit=OWN))
    sign_in(database_url, "gone", RoleHeld(role=Role.PROVINCE_LEADER, unit=None))
    subscribe(database_url, "chairman@example.vn")
    subscribe(database_url, "head@example.vn", "head", f"subtree:{OWN}")
    subscribe(database_url, "more@example.vn", "head")  # a place beyond that of the role
    subscribe(database_url, "gone@example.vn", "gone")
    with pytest.raises(Conflict):
        subscribe(database_url, "gone@example.vn", "head")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE account SET disabled_at = now() WHERE name = 'gone'")
    with mail_server() as (box, port):
        assert go(database_url, port, SEVEN - timedelta(minutes=1)) == (0, 0)
        box.answer = "451 later"
        assert go(database_url, port, SEVEN) == (2, 2)
        box.answer = "250 OK"
        assert go(database_url, port, SEVEN) == (0, 0)  # it waits
        assert go(database_url, port, SEVEN + timedelta(minutes=5)) == (0, 2)
        assert go(database_url, port, SEVEN + timedelta(hours=2)) == (0, 0)
        assert go(database_url, port, SEVEN + timedelta(days=1)) == (2, 2)
    sent = [(each["To"], each["Message-ID"]) for each in box.got]
    assert sorted({to for to, _ in sent}) == ["chairman@example.vn", "head@example.vn"]
    assert len({identifier for _, identifier in sent}) == len(sent) == 4
    first = box.got[0]
    assert "Tóm tắt buổi sáng 04/11/2026" in first["Subject"]
    assert "Cần hỏi ai, hỏi gì" in first.get_content()
    assert acts(database_url).count(Action.BRIEF_SENT) == 4
