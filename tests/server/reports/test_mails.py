"""The monthly report by e-mail: once a recipient, under one Message-ID, until it arrives."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from motcua.local.ports import any_free
from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.audit.entries import Action
from server.periods import Period, Step
from server.reports import mails, store
from server.reports.document import Format
from server.reports.messages import due_period, message_id, pause
from server.reports.settings import Encryption, Recipient, ReportSettings
from tests.server.access.office import acts, at_desk, settle, sign_in
from tests.server.reports.work import make_what_waits, with_database
from tests.server.schemes.province import execute

FOURTH = datetime(2026, 11, 4, 1, tzinfo=UTC)
TO = Recipient(address="head@example.vn", format=Format.JSON)


class Box:
    """What arrives at a mail server, and what it answers."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@contextmanager
def mail_server() -> Iterator[tuple[Box, int]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=any_free())
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()


def settings(port: int = 1, *recipients: Recipient, **changes: object) -> ReportSettings:
    return ReportSettings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_encryption=Encryption.NONE,
        smtp_answer_s=5,
        sender="motcua@example.vn",
        recipients=recipients or (TO,),
        **changes,
    )


def plan(url: str, given: ReportSettings, now: datetime = FOURTH) -> int:
    return with_database(url, lambda database: mails.plan_mails(database, given, now))


def send(url: str, given: ReportSettings, now: datetime = FOURTH) -> int:
    """Send what is due at `now` and return how many were tried."""

    async def work(database):
        tried = 0
        while await mails.send_next(database, given, now):
            tried += 1
        return tried

    return with_database(url, work)


def listed(url: str) -> list[mails.Mail]:
    async def work(database):
        async with database.write() as connection:
            return await mails.read_mails(connection)

    return with_database(url, work)


@pytest.mark.parametrize(
    ("now", "period"),
    [
        ("2026-11-02T23:59:59+07:00", None),
        ("2026-11-03T06:59:00+07:00", None),
        ("2026-11-03T07:00:00+07:00", "2026-10"),
        ("2026-11-30T23:00:00+07:00", "2026-10"),
        ("2026-12-01T00:00:00+07:00", None),
        ("2027-01-03T07:00:00+07:00", "2026-12"),
    ],
)
def test_last_month_is_due_from_a_day_and_time_on(now, period):
    found = due_period(settings(), datetime.fromisoformat(now))
    assert (found and str(found)) == period


def test_pauses_grow_to_an_hour():
    pauses = [pause(attempts) for attempts in range(1, 9)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)


def test_message_id_is_of_period_and_address_alone():
    october = Period.of(Step.MONTH, FOURTH.date()).previous()
    ids = {
        message_id(october, "a@x.vn", "motcua@x.vn"),
        message_id(october, "b@x.vn", "motcua@x.vn"),
        message_id(october.previous(), "a@x.vn", "motcua@x.vn"),
    }
    assert len(ids) == 3
    assert message_id(october, "a@x.vn", "motcua@x.vn") in ids


@pytest.mark.integration
def test_each_recipient_gets_the_month_once_with_its_report(database_url):
    settle(database_url)
    second = Recipient(address="other@example.vn", format=Format.JSON)
    english = Recipient(address="en@example.vn", format=Format.JSON, language="en")
    with mail_server() as (box, port):
        given = settings(port, TO, second, english)
        assert plan(database_url, given) == 3
        assert plan(database_url, given) == 0
        assert send(database_url, given) == 0  # nothing is made yet
        assert execute(database_url, "SELECT count(*) FROM report") == [(2,)]
        make_what_waits(database_url)
        assert send(database_url, given) == 3
        assert send(database_url, given, FOURTH + timedelta(days=9)) == 0
        assert plan(database_url, given, FOURTH + timedelta(days=9)) == 0
    by_address = {message["To"]: message for message in box.got}
    assert set(by_address) == {"head@example.vn", "other@example.vn", "en@example.vn"}
    first, other = by_address["head@example.vn"], by_address["other@example.vn"]
    (attached,), (same,) = first.iter_attachments(), other.iter_attachments()
    text = first.get_body()
    assert "tháng 10 năm 2026" in text.get_content()
    assert attached.get_filename().startswith("motcua-monthly-province-2026-10-vi-")
    assert attached.get_payload(decode=True) == same.get_payload(decode=True)
    assert first["Message-ID"] != other["Message-ID"]
    assert "Monthly report" in by_address["en@example.vn"]["Subject"]
    assert {each.state for each in listed(database_url)} == {"sent"}
    assert acts(database_url).count(Action.REPORT_SENT) == 3


@pytest.mark.integration
def test_a_mail_server_away_for_a_week_gets_it_when_it_is_back(database_url):
    settle(database_url)
    away = settings()
    plan(database_url, away)
    make_what_waits(database_url)
    now, tries = FOURTH, 0
    while now < FOURTH + timedelta(days=7):
        tries += send(database_url, away, now)
        (waiting,) = listed(database_url)
        assert waiting.state == "waiting"
        now = max(waiting.next_at, now + timedelta(hours=12))
    assert waiting.attempts == tries > 10
    assert "Connect" in waiting.problem
    root = sign_in(database_url, "root", RoleHeld(role=Role.OPERATOR, unit=None))

    async def work(desk):
        return await desk.ask("/api/v1/reports/mails", root)

    (told,) = at_desk(database_url, work, await_figures=False).json()
    assert (told["state"], told["attempts"]) == ("waiting", tries)
    with mail_server() as (box, port):
        back = settings(port)
        assert send(database_url, back, waiting.next_at) == 1
    assert [message["Message-ID"] for message in box.got] == [waiting.message_id]
    assert listed(database_url)[0].problem is None


@pytest.mark.integration
def test_a_message_that_is_refused_too_long_is_given_up(database_url):
    settle(database_url)
    with mail_server() as (box, port):
        box.answer = "550 no such user"
        given = settings(port, tried_for_days=2)
        plan(database_url, given)
        make_what_waits(database_url)
        assert send(database_url, given) == 1
        assert listed(database_url)[0].state == "waiting"
        assert send(database_url, given, FOURTH + timedelta(days=3)) == 1
        (mail,) = listed(database_url)
        assert mail.state == "given_up"
        assert "no such user" in mail.problem
        assert send(database_url, given, FOURTH + timedelta(days=5)) == 0


@pytest.mark.integration
def test_a_worker_that_dies_after_sending_sends_again_under_the_same_message_id(
    database_url, monkeypatch
):
    settle(database_url)
    with mail_server() as (box, port):
        given = settings(port)
        plan(database_url, given)
        make_what_waits(database_url)

        def send_and_die(message, chosen):
            with smtplib.SMTP(chosen.smtp_host, chosen.smtp_port) as server:
                server.send_message(message)
            raise SystemError("killed")

        with monkeypatch.context() as patch:
            patch.setattr(mails, "send", send_and_die)
            with pytest.raises(SystemError):
                send(database_url, given)
        assert send(database_url, given) == 1
    first, second = box.got
    assert first.as_bytes() == second.as_bytes()


@pytest.mark.integration
def test_old_files_stay_while_they_wait_to_be_sent(database_url):
    settle(database_url)
    given = settings()
    plan(database_url, given)
    make_what_waits(database_url)
    execute(database_url, "UPDATE report SET asked_at = asked_at - INTERVAL '30 days'")

    async def purge(database):
        async with database.write() as connection:
            return await store.purge(connection, datetime.now(UTC) - timedelta(days=7))

    assert with_database(database_url, purge) == 0
    execute(database_url, "UPDATE report_mail SET state = 'sent'")
    assert with_database(database_url, purge) == 1
    assert plan(database_url, given) == 0
