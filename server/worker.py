"""The worker process: runs background jobs until SIGTERM or SIGINT, with exit code 0."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Self

import structlog
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DEFAULT_QUEUE
from psycopg import AsyncConnection

from runtime.backoff import Backoff
from runtime.settings import read_settings
from server.alerts import jobs as alerts
from server.alerts.channels.sending import Outgoing
from server.alerts.settings import AlertSettings
from server.alerts.watch import Watch
from server.audit import jobs as audit
from server.audit.jobs import AuditSettings
from server.briefs import jobs as briefs
from server.closing import jobs as closing
from server.closing.settings import ClosingSettings
from server.complaints.following import recompute_stale as recompute_complaints
from server.db.connection import address, one_line, session, session_conninfo
from server.db.migrations import require_current
from server.db.pool import DATABASE_ERRORS, Database, PoolSettings
from server.devices.settings import PhoneSettings
from server.dossiers.store import recompute_stale as recompute_dossiers
from server.errors import DatabaseAway, DatabaseReadOnly
from server.experience import jobs as experience
from server.exports import jobs as exports
from server.facts import jobs as facts
from server.jobs import LEFT_LOOKED_EVERY_S, create_app, release_left
from server.links import jobs as links
from server.live.live import Live
from server.live.settings import LiveSettings
from server.norms import jobs as norms
from server.phone import jobs as phone
from server.quarantine import jobs as quarantine
from server.quarantine.jobs import QuarantineSettings
from server.rankings import jobs as rankings
from server.reports import jobs as reports
from server.reports.settings import ReportSettings
from server.schemes.library import SchemeSettings, load_schemes
from server.scopes import PROVINCE
from server.stale import follow_changes
from server.tabular import jobs as tabular
from server.webhooks import jobs as webhooks
from server.webhooks.addresses import resolve
from server.webhooks.delivery import new_client
from server.webhooks.feed import Feed
from server.webhooks.settings import WebhookSettings
from server.webhooks.signatures import headers

JOB_GRACE_S = 1.5
"""A job that runs when we are stopped may end by itself in this time, then it is aborted."""

GRACE_S = 3.0
"""Then the process ends whatever hangs: `motcua run` kills after 4 s."""

CALM_S = 10.0
"""A database that was left so soon after it answered refuses us: the pauses go on growing."""

_AWAY = (ConnectorException, DatabaseAway, *DATABASE_ERRORS)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """The settings of what the worker does."""

    alerts: AlertSettings
    audit: AuditSettings
    closing: ClosingSettings
    live: LiveSettings
    pool: PoolSettings
    phone: PhoneSettings
    quarantine: QuarantineSettings
    schemes: SchemeSettings
    webhooks: WebhookSettings
    reports: ReportSettings

    @classmethod
    def read(cls) -> Self:
        """Return the settings as the environment has them; raise SettingInvalid."""
        return cls(
            alerts=read_settings(AlertSettings),
            audit=read_settings(AuditSettings),
            closing=read_settings(ClosingSettings),
            live=read_settings(LiveSettings),
            pool=read_settings(PoolSettings),
            phone=read_settings(PhoneSettings),
            quarantine=read_settings(QuarantineSettings),
            webhooks=read_settings(WebhookSettings),
            reports=read_settings(ReportSettings),
            schemes=read_settings(SchemeSettings),
        )


def run_worker(database_url: str, settings: WorkerSettings) -> None:
    """Work until stopped; raises DatabaseAway or SchemaError only at the start."""
    with session(database_url) as connection:
        require_current(connection)
    _quieten()
    app = create_app(database_url)
    database = Database(database_url, settings.pool)
    quarantine.register(app, database, settings.quarantine)
    audit.register(app, database, settings.audit)
    facts.register(app, database_url)
    links.register(app, database_url)
    experience.register(app, database_url)
    norms.register(app, database_url)
    tabular.register(app, database)
    follow_changes(app, database, "dossiers", recompute_dossiers)
    follow_changes(app, database, "complaints", recompute_complaints)
    rankings.register(app, database_url)
    closing.register(app, database_url, settings.closing, load_schemes(settings.schemes))
    phone.register(app, database, settings.phone)
    webhooks.register(app, database, settings.webhooks)
    exports.register(app, database, database_url)
    reports.register(app, database, settings.reports, load_schemes(settings.schemes))
    briefs.register(app, database, settings.reports)
    post = _post(settings)
    alerts.register(app, database, post)
    feed = Feed(database, database_url, partial(_updates, database, settings.live))
    watch = Watch(app, database, database_url, tuple(post.channels.values()), settings.alerts)
    asyncio.run(_Worker(app, database, database_url, feed, watch).run())


def _post(settings: WorkerSettings) -> alerts.Post:
    """Return how alerts go out: signed and bounded as webhooks are."""
    channels = {channel.name: channel for channel in settings.alerts.read_channels()}
    outgoing = Outgoing(
        client=new_client(),
        sign=headers,
        resolve=partial(resolve, networks=settings.webhooks.networks),
    )
    return alerts.Post(channels=channels, outgoing=outgoing, settings=settings.alerts)


@asynccontextmanager
async def _updates(database: Database, settings: LiveSettings) -> AsyncIterator[AsyncIterator[str]]:
    """Give the province's updates, as the API's stream has them."""
    live = Live(database, settings)
    async with live.running():
        with live.fanout.subscribed(PROVINCE, since=None) as subscription:
            yield subscription.messages()


class _Worker:
    """Runs procrastinate's worker again and again: it ends whenever the database goes away."""

    def __init__(
        self, app: App, database: Database, database_url: str, feed: Feed, watch: Watch
    ) -> None:
        self._app = app
        self._database = database
        self._feed = feed
        self._watch = watch
        self._database_url = database_url
        self._away_since_s: float | None = None
        self._ready = False

    async def run(self) -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await self._database.open()
        working = asyncio.create_task(self._work())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if working.done():
            working.result()  # it never ends by itself: this raises what went wrong
        ending = asyncio.create_task(self._end(working))
        await asyncio.wait({ending}, timeout=GRACE_S)
        if not ending.done():
            # psycopg, once cancelled, waits until the server lets go of the query, and a frozen
            # one does not.
            log.warning("worker_abandoned", because="the database does not answer")
            sys.stderr.flush()
            os._exit(0)

    async def _end(self, working: asyncio.Task[None]) -> None:
        working.cancel()
        with suppress(asyncio.CancelledError, *_AWAY):
            await working
        await self._database.close()

    async def _work(self) -> None:
        pauses = Backoff(0.2, 5.0)
        while True:
            began_s = time.monotonic()
            try:
                await self._work_while_connected()
            except _AWAY as error:
                self._note_away(error)
            if time.monotonic() - began_s > CALM_S:
                pauses.reset()
            await asyncio.sleep(pauses.next_s())

    async def _work_while_connected(self) -> None:
        # The pool that procrastinate opens waits for half a minute; this tells at once.
        connecting = await AsyncConnection.connect(session_conninfo(self._database_url))
        because = self._database.note_read_only(connecting)
        await connecting.close()
        if because is not None:
            raise DatabaseReadOnly(str(because))
        async with self._app.open_async():
            self._note_ready()
            await _until_one_ends(
                self._run_jobs(DEFAULT_QUEUE, at_once=1, looked_every_s=5.0),
                self._run_jobs(closing.QUEUE, at_once=1, looked_every_s=5.0),
                self._run_jobs(
                    webhooks.QUEUE,
                    at_once=webhooks.DELIVERIES,
                    looked_every_s=webhooks.LOOKED_EVERY_S,
                ),
                self._run_jobs(exports.QUEUE, at_once=1, looked_every_s=exports.LOOKED_EVERY_S),
                self._run_jobs(reports.QUEUE, at_once=1, looked_every_s=5.0),
                self._run_jobs(briefs.QUEUE, at_once=1, looked_every_s=5.0),
                self._run_jobs(
                    alerts.QUEUE,
                    at_once=alerts.DELIVERIES,
                    looked_every_s=alerts.LOOKED_EVERY_S,
                ),
                self._feed.run(),
                self._watch.run(),
                self._release_left(),
                exports.Waiting(self._app, self._database).run(),
            )

    async def _run_jobs(self, queue: str, *, at_once: int, looked_every_s: float) -> None:
        await self._app.run_worker_async(
            queues=[queue],
            concurrency=at_once,
            fetch_job_polling_interval=looked_every_s,
            install_signal_handlers=False,
            shutdown_graceful_timeout=JOB_GRACE_S,
            delete_jobs="successful",
        )

    async def _release_left(self) -> None:
        """Give back what a worker that was killed held, for as long as this one works."""
        while True:
            released = await release_left(self._app)
            if released:
                log.warning("jobs_released", jobs=released)
            await asyncio.sleep(LEFT_LOOKED_EVERY_S)

    def _note_ready(self) -> None:
        if not self._ready:
            self._ready = True
            log.info("worker_ready", tasks=sorted(self._app.tasks))
        if self._away_since_s is not None:
            away_s = time.monotonic() - self._away_since_s
            log.info("database_back", after_s=round(away_s, 1))
            self._away_since_s = None

    def _note_away(self, error: BaseException) -> None:
        if self._away_since_s is None:
            self._away_since_s = time.monotonic()
            if isinstance(error, DatabaseReadOnly):
                return  # it was logged where it was found
            told = error.__cause__ if isinstance(error, ConnectorException) else error
            log.warning(
                "database_away",
                database=address(self._database_url),
                error=one_line(told or error),
            )


async def _until_one_ends(*working: Coroutine[None, None, None]) -> None:
    """Run all until one ends or fails, then end the others; raise what the first one raised."""
    tasks = [asyncio.create_task(each) for each in working]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Events(logging.Handler):
    """Turns what procrastinate logs into our events; that the database is away we say ourselves."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, _AWAY):
            return
        event = getattr(record, "action", "procrastinate")
        reason = {} if error is None else {"error": f"{type(error).__name__}: {one_line(error)}"}
        log.log(record.levelno, event, message=record.getMessage(), **reason)


def _quieten() -> None:
    """Leave procrastinate its warnings, as our events; psycopg repeats an outage at every try."""
    logger = logging.getLogger("procrastinate")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    logger.addHandler(_Events())
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
