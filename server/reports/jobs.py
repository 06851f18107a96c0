"""Background jobs of reports: making them, sending the monthly one, removing old files."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import structlog
from procrastinate import App

from server.audit.entries import Action, Entry
from server.audit.store import record
from server.db.pool import Database
from server.errors import DatabaseAway, ServerError
from server.jobs import nightly
from server.reports import mails, store
from server.reports.canonical import digest_of
from server.reports.issuing import make_file
from server.reports.questions import ReportQuestion
from server.reports.settings import ReportSettings
from server.reports.store import Asked
from server.schemes.library import Schemes
from server.schemes.versions import known_schemes

QUEUE = "reports"
"""A queue of its own: a report of a year keeps no other job waiting."""

PURGE_AT = time(3, 10)
"""Local time; offices are closed."""

LEFT_AFTER = timedelta(minutes=10)
"""A report on which nobody has worked for so long was left by a worker that died."""

_READ = 0.6
"""The share of the work that is done when all is read and ranked."""

_EVERY_MINUTE = "* * * * *"
_EVERY_FIVE_MINUTES = "*/5 * * * *"

log = structlog.get_logger()


def register(app: App, database: Database, settings: ReportSettings, schemes: Schemes) -> None:
    """Add the tasks of reports to `app`."""

    @app.task(name="reports.make", queue=QUEUE)
    async def make(report: str) -> None:
        await make_report(database, uuid.UUID(report), schemes)

    @app.periodic(cron=_EVERY_FIVE_MINUTES)
    @app.task(name="reports.defer_left", queueing_lock="reports.defer_left")
    async def defer_left(timestamp: int) -> None:
        del timestamp
        async with database.write() as connection:
            left = await store.defer_left(connection, datetime.now(UTC) - LEFT_AFTER)
        if left:
            log.warning("reports_deferred_again", reports=left)

    @app.periodic(cron=nightly(PURGE_AT))
    @app.task(name="reports.purge", queueing_lock="reports.purge")
    async def purge(timestamp: int) -> None:
        del timestamp
        before = datetime.now(UTC) - timedelta(days=settings.kept_days)
        async with database.write() as connection:
            purged = await store.purge(connection, before)
        if purged:
            log.info("reports_purged", reports=purged)

    if settings.smtp_host:
        _register_mails(app, database, settings)


def _register_mails(app: App, database: Database, settings: ReportSettings) -> None:
    @app.periodic(cron=_EVERY_MINUTE)
    @app.task(name="reports.mail", queue=QUEUE, queueing_lock="reports.mail", lock="reports.mail")
    async def mail(timestamp: int) -> None:
        del timestamp
        await mails.plan_mails(database, settings, datetime.now(UTC))
        while await mails.send_next(database, settings, datetime.now(UTC)):
            pass


async def make_report(database: Database, id_: uuid.UUID, schemes: Schemes) -> None:
    """Make a report that was asked for and keep its file; one that cannot be made says why."""
    async with database.write() as connection:
        if not await store.take(connection, id_):
            return
        asked = await store.read_report(connection, id_)
    try:
        await _make(database, asked, schemes)
    except DatabaseAway:
        raise  # it is left as it is, and deferred again
    except ServerError as error:
        async with database.write() as connection:
            await store.fail(connection, id_, str(error))
        log.warning("report_failed", report=str(id_), error=str(error))
    except Exception:
        async with database.write() as connection:
            await store.fail(connection, id_, "something went wrong here; the log says what")
        raise


async def _make(database: Database, asked: Asked, schemes: Schemes) -> None:
    now = datetime.now(UTC)
    question = ReportQuestion.read(asked.question, now)

    async def made() -> None:
        async with database.write() as connection:
            await store.note_progress(connection, asked.id, _READ)

    schemes = await database.ask(partial(known_schemes, shipped=schemes))
    document, content = await make_file(
        database, question, asked.format, asked.asker, schemes, now, made
    )
    name = question.file_name(asked.format, digest_of(document))
    async with database.write() as connection:
        digest = await store.issue(
            connection, question, document, asked.format, content, asked.asker, now
        )
        await store.finish(connection, asked.id, name, digest, content, now)
        issued = Entry(
            at=now,
            actor=asked.asker.name,
            kind=asked.asker.kind,
            action=Action.REPORT_ISSUED,
            subject=str(question.place),
            details={"report": str(asked.id), "digest": digest, "format": asked.format},
        )
        await record(connection, issued)
        if document.names_officers:
            await record(connection, replace(issued, action=Action.OFFICER_SEEN))
