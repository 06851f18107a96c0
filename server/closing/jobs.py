"""Background jobs of closed periods: what was asked for is closed, and what came late restated."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from procrastinate import App
from psycopg import AsyncConnection

from server.audit.entries import Action, Entry
from server.closing.keys import SigningKey, open_key
from server.closing.restatements import restate
from server.closing.settings import ClosingSettings
from server.closing.signing import Signing
from server.closing.store import (
    answer_request,
    read_closings,
    read_waiting,
)
from server.closing.versions import close_period
from server.db.connection import async_session
from server.errors import ConfigurationError, Conflict, DatabaseAway, ServerError
from server.periods import Period
from server.schemes.library import Schemes
from server.schemes.versions import known_schemes

QUEUE = "closing"
"""A queue of its own: closing a quarter takes longer than what is done each minute may wait."""

EVERY_MINUTE = "* * * * *"
HOURLY = "25 * * * *"

_WORKER = "worker"

log = structlog.get_logger()


def register(app: App, database_url: str, settings: ClosingSettings, schemes: Schemes) -> None:
    """Add the tasks of closed periods to `app`."""

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="closing.close", queue=QUEUE, queueing_lock="closing.close")
    async def close(timestamp: int) -> None:
        del timestamp  # when it was due; whatever waits by now is closed
        await close_waiting(database_url, settings, schemes)

    @app.periodic(cron=HOURLY)
    @app.task(name="closing.restate", queue=QUEUE, queueing_lock="closing.restate")
    async def restate_late(timestamp: int) -> None:
        del timestamp
        await restate_all(database_url, settings, schemes)


async def close_waiting(database_url: str, settings: ClosingSettings, schemes: Schemes) -> int:
    """Close what was asked for and note why where that failed; return how many were closed."""
    closed = 0
    async with async_session(database_url) as connection:
        schemes = await known_schemes(connection, schemes)
        for waiting in await read_waiting(connection):
            problem = None
            try:
                by = _entry(waiting.asked_by)
                signing = Signing(key=open_key(settings.key), schemes=schemes, by=by)
                period = Period.parse(waiting.period, datetime.now(UTC))
                made = await close_period(connection, period, signing, despite=waiting.despite)
                log.info("period_closed", period=made.period, seal=made.seal.hex())
                closed += 1
            except DatabaseAway:
                raise
            except ServerError as error:
                problem = str(error)
                log.warning("period_not_closed", period=waiting.period, because=problem)
            await answer_request(connection, waiting.id, datetime.now(UTC), problem)
    return closed


async def restate_all(database_url: str, settings: ClosingSettings, schemes: Schemes) -> int:
    """Restate every closed period whose figures changed with a cause; return how many.

    Others that changed are logged: `motcua audit verify` names what differs.
    """
    restated = 0
    async with async_session(database_url) as connection:
        periods = dict.fromkeys(each.period for each in await read_closings(connection))
        if not periods:
            return 0
        try:
            key = open_key(settings.key)
        except ConfigurationError as error:
            log.warning("periods_not_restated", because=str(error))
            return 0
        schemes = await known_schemes(connection, schemes)
        for name in periods:
            restated += await _restate(connection, name, key, schemes)
    return restated


async def _restate(
    connection: AsyncConnection, name: str, key: SigningKey, schemes: Schemes
) -> bool:
    period = Period.parse(name, datetime.now(UTC))
    try:
        signing = Signing(key=key, schemes=schemes, by=_entry(_WORKER))
        found = await restate(connection, period, signing)
    except (Conflict, ConfigurationError) as error:
        log.warning("period_not_restated", period=name, because=str(error))
        return False
    if found.faults:
        log.warning("closed_period_differs", period=name, first=found.faults[0])
    if found.closing is None:
        return False
    made = found.closing
    log.info("period_restated", period=name, version=made.version, figures=len(made.changes))
    return True


def _entry(actor: str) -> Entry:
    return Entry(
        at=datetime.now(UTC), actor=actor, kind=_WORKER, action=Action.PERIOD_CLOSED, agent="motcua"
    )
