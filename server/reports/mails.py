"""Plans the monthly mails and sends them: each at least once, under a Message-ID that stays."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.texts import Language, texts
from runtime.sql import statements
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.db.pool import Database
from server.errors import ServerError
from server.periods import Period
from server.reports import store
from server.reports.figures import write_instant
from server.reports.messages import compose, due_period, message_id, pause
from server.reports.questions import ReportQuestion, ReportState
from server.reports.settings import Encryption, Recipient, ReportSettings
from server.reports.store import Asked, Asker

CALENDAR = Asker(name="calendar", kind="worker")
"""Who asks for what is sent by itself: it knows of no officers."""

_SQL = statements("server.reports", "mails.sql")
_MOST_PROBLEM = 300

log = structlog.get_logger()


class NotSent(ServerError):
    """A mail server did not take a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message to one address; `problem` is why it failed last, `next_at` when it is tried."""

    id: uuid.UUID
    period: str
    address: str
    message_id: str
    created_at: datetime
    state: str
    attempts: int
    next_at: datetime
    problem: str | None
    sent_at: datetime | None
    report: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    id: uuid.UUID
    address: str
    message_id: str
    created_at: datetime
    attempts: int
    report: uuid.UUID


async def read_mails(connection: AsyncConnection) -> list[Mail]:
    """Return the messages of the last years, the newest first."""
    cursor = connection.cursor(row_factory=class_row(Mail))
    return await (await cursor.execute(_SQL["mails"])).fetchall()


async def plan_mails(database: Database, settings: ReportSettings, now: datetime) -> int:
    """Ask for the reports that are due, and store whom they are sent to; return how many.

    Recipients of the same place, language and format share one file.
    """
    period = due_period(settings, now)
    if period is None:
        return 0
    async with database.write() as connection:
        cursor = await connection.execute(_SQL["planned"], {"period": str(period)})
        planned = {address for (address,) in await cursor.fetchall()}
        due = [each for each in settings.recipients if each.address not in planned]
        reports: dict[tuple[object, ...], uuid.UUID] = {}
        for recipient in due:
            of = (recipient.scope, recipient.language, recipient.format, recipient.scheme)
            if of not in reports:
                question = _question(recipient, period, now)
                reports[of] = await store.ask(connection, question, recipient.format, CALENDAR)
            row = {
                "period": str(period),
                "address": recipient.address,
                "report": reports[of],
                "message_id": message_id(period, recipient.address, settings.sender),
                "now": now,
            }
            await connection.execute(_SQL["plan"], row)
    if due:
        log.info("report_mails_planned", period=str(period), mails=len(due))
    return len(due)


async def send_next(database: Database, settings: ReportSettings, now: datetime) -> bool:
    """Send the next message that is due; return whether there was one.

    It is noted as sent in the transaction in which it is sent: only a worker that dies in between
    makes it go out twice, and then under the same Message-ID.
    """
    async with database.write() as connection:
        cursor = connection.cursor(row_factory=class_row(_Waiting))
        waiting = await (await cursor.execute(_SQL["next"], {"now": now})).fetchone()
        if waiting is None:
            return False
        try:
            message = await _message(connection, waiting, settings)
            await asyncio.to_thread(send, message, settings)
        except NotSent as error:
            await _note_failed(connection, waiting, str(error), settings, now)
            return True
        await connection.execute(_SQL["sent"], {"id": waiting.id, "now": now})
        await record(
            connection,
            Entry(
                at=now, actor=CALENDAR.name, kind=CALENDAR.kind, action=Action.REPORT_SENT,
                subject=waiting.address, details={"report": str(waiting.report)},
            ),
        )  # fmt: skip
    log.info("report_mail_sent", address=waiting.address, message=waiting.message_id)
    return True


def send(message: EmailMessage, settings: ReportSettings) -> None:
    """Send a message and return once the mail server has taken it; raise NotSent."""
    try:
        with _connected(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}"[:_MOST_PROBLEM]) from error


def _connected(settings: ReportSettings) -> smtplib.SMTP:
    host, port, answer_s = settings.smtp_host, settings.smtp_port, settings.smtp_answer_s
    if settings.smtp_encryption is Encryption.TLS:
        trusted = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=answer_s, context=trusted)
    server = smtplib.SMTP(host, port, timeout=answer_s)
    if settings.smtp_encryption is Encryption.STARTTLS:
        server.starttls(context=ssl.create_default_context())
    return server


async def _message(
    connection: AsyncConnection, waiting: _Waiting, settings: ReportSettings
) -> EmailMessage:
    asked = await store.read_report(connection, waiting.report)
    if asked.state is ReportState.FAILED:
        raise NotSent(f"the report could not be made: {asked.problem}")
    content = await store.read_file(connection, waiting.report)
    return _composed(asked, content, waiting, settings)


def _composed(
    asked: Asked, content: bytes, waiting: _Waiting, settings: ReportSettings
) -> EmailMessage:
    language = Language(asked.question["language"])
    said = texts("server.reports", language)
    period = Period.parse(asked.question["period"], waiting.created_at)
    assert period.first is not None
    _, end = period.bounds
    return compose(
        sender=settings.sender,
        address=waiting.address,
        identifier=waiting.message_id,
        at=waiting.created_at,
        language=language,
        title=said[f"title.{asked.question['kind']}"],
        period=said.format("period.month", month=period.first.month, year=period.first.year),
        cut_off=write_instant(end),
        digest=asked.digest or "",
        name=asked.name or f"report.{asked.format}",
        written=asked.format,
        content=content,
    )


async def _note_failed(
    connection: AsyncConnection,
    waiting: _Waiting,
    problem: str,
    settings: ReportSettings,
    now: datetime,
) -> None:
    too_old = now - waiting.created_at > timedelta(days=settings.tried_for_days)
    row = {
        "id": waiting.id,
        "problem": problem,
        "next_at": now + pause(waiting.attempts + 1),
        "state": "given_up" if too_old else "waiting",
    }
    await connection.execute(_SQL["failed"], row)
    event = "report_mail_given_up" if too_old else "report_mail_failed"
    log.warning(event, address=waiting.address, error=problem, attempts=waiting.attempts + 1)


def _question(recipient: Recipient, period: Period, now: datetime) -> ReportQuestion:
    return ReportQuestion.read(
        {
            "kind": "monthly",
            "period": str(period),
            "language": recipient.language,
            "scope": recipient.scope,
            "scheme": recipient.scheme,
        },
        now,
    )
