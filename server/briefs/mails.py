"""Plans the morning's briefs and sends them: each at least once, under a Message-ID that stays."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.local_time import LOCAL_TIME
from contract.texts import Language
from runtime.sql import statements
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.briefs.briefs import Brief, compose, message_id
from server.briefs.store import make_brief, read_due
from server.db.pool import Database
from server.errors import ServerError
from server.reports.mails import CALENDAR, NotSent, send
from server.reports.messages import pause
from server.reports.settings import ReportSettings
from server.scopes import Scope

TRIED_FOR = timedelta(hours=12)
"""A brief of the morning is of no use the day after."""

KEPT_DAYS = 90

_SQL = statements("server.briefs", "briefs.sql")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    id: uuid.UUID
    day: date
    address: str
    language: Language
    message_id: str
    subject: str
    body: str
    created_at: datetime
    attempts: int


def due_day(settings: ReportSettings, now: datetime) -> date | None:
    """Return the day whose brief is to be sent by now; None before the hour, and once too late."""
    local = now.astimezone(LOCAL_TIME)
    at = datetime.combine(local.date(), settings.brief_at, LOCAL_TIME)
    return local.date() if at <= local < at + TRIED_FOR else None


async def plan_briefs(database: Database, settings: ReportSettings, now: datetime) -> int:
    """Write the briefs that are due, each place and language once; return how many.

    A place whose figures cannot be read is left out and said in the log: the others get theirs.
    """
    day = due_day(settings, now)
    if day is None:
        return 0
    async with database.write() as connection:
        due = await read_due(connection, day)
    made: dict[tuple[str, Language], Brief | None] = {}
    for subscriber in due:
        of = (subscriber.scope, Language(subscriber.language))
        if of not in made:
            made[of] = await _made(database, *of, day, now)
    planned = 0
    async with database.write() as connection:
        for subscriber in due:
            brief = made[subscriber.scope, Language(subscriber.language)]
            if brief is None:
                continue
            row = {
                "day": day,
                "address": subscriber.address,
                "language": str(subscriber.language),
                "message_id": message_id(day, subscriber.address, settings.sender),
                "subject": brief.subject,
                "body": brief.body,
                "now": now,
            }
            planned += (await connection.execute(_SQL["plan"], row)).rowcount
    if planned:
        log.info("briefs_planned", day=str(day), mails=planned)
    return planned


async def send_next(database: Database, settings: ReportSettings, now: datetime) -> bool:
    """Send the next brief that is due; return whether there was one.

    As with reports, only a worker that dies in between makes it go out twice, and then under the
    same Message-ID.
    """
    async with database.write() as connection:
        cursor = connection.cursor(row_factory=class_row(_Waiting))
        waiting = await (await cursor.execute(_SQL["next"], {"now": now})).fetchone()
        if waiting is None:
            return False
        message = compose(
            Brief(subject=waiting.subject, body=waiting.body),
            sender=settings.sender,
            address=waiting.address,
            identifier=waiting.message_id,
            at=waiting.created_at,
            language=Language(waiting.language),
        )
        try:
            await asyncio.to_thread(send, message, settings)
        except NotSent as error:
            await _note_failed(connection, waiting, str(error), now)
            return True
        await connection.execute(_SQL["sent"], {"id": waiting.id, "now": now})
        await record(
            connection,
            Entry(
                at=now,
                actor=CALENDAR.name,
                kind=CALENDAR.kind,
                action=Action.BRIEF_SENT,
                subject=waiting.address,
                details={"day": str(waiting.day)},
            ),
        )
    log.info("brief_sent", address=waiting.address, message=waiting.message_id)
    return True


async def purge_briefs(connection: AsyncConnection, now: datetime) -> int:
    """Remove messages of long ago; return how many."""
    before = {"before": now - timedelta(days=KEPT_DAYS)}
    return (await connection.execute(_SQL["purge"], before)).rowcount


async def _made(
    database: Database, scope: str, language: Language, day: date, now: datetime
) -> Brief | None:
    try:
        async with database.read() as connection:
            return await make_brief(connection, Scope.parse(scope), day, language, now)
    except ServerError as error:
        log.warning("brief_not_made", scope=scope, error=str(error))
        return None


async def _note_failed(
    connection: AsyncConnection, waiting: _Waiting, problem: str, now: datetime
) -> None:
    too_old = now - waiting.created_at > TRIED_FOR
    row = {
        "id": waiting.id,
        "problem": problem,
        "next_at": now + pause(waiting.attempts + 1),
        "state": "given_up" if too_old else "waiting",
    }
    await connection.execute(_SQL["failed"], row)
    event = "brief_given_up" if too_old else "brief_failed"
    log.warning(event, address=waiting.address, error=problem, attempts=waiting.attempts + 1)
