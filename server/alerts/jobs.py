"""Background jobs of alerts: each channel's messages in order, tried again until they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued
from psycopg import AsyncConnection

from contract.texts import Language
from runtime.sql import statements
from server.alerts import store
from server.alerts.channels.channels import Channel
from server.alerts.channels.messages import Occasion, compose
from server.alerts.channels.sending import Outcome, Outgoing, longest_s, send
from server.alerts.library import in_force
from server.alerts.rule_store import read_changes
from server.alerts.settings import AlertSettings
from server.db.pool import DATABASE_ERRORS, Database
from server.errors import DatabaseAway
from server.periods import today
from server.units.store import read_tree

QUEUE = "alerts"
"""A queue of its own: a channel that hangs keeps no other job waiting."""

DELIVERIES = 4
"""Channels that are sent to at the same time."""

LOOKED_EVERY_S = 0.5

_TASK = "alerts.deliver"
_PAUSES_S = (5, 15, 60, 300, 600)
"""After so many attempts; a channel that comes back hears from us within ten minutes."""

_IN_ORDER = len(_PAUSES_S) - 1
"""Attempts for which a channel's later messages wait; a message that is refused for longer than
these six minutes lets the others pass.
"""

_SPARE_S = 20.0
"""A message is taken for so much longer than an attempt may take at most: a slow worker's time to
begin, and to note how it went.
"""

_SQL = statements("server.alerts", "alerts.sql")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    id: UUID
    created_at: datetime
    attempts: int
    taken_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What deliveries need: the channels by name, the ways out, and how long they may take."""

    channels: Mapping[str, Channel]
    outgoing: Outgoing
    settings: AlertSettings


def register(app: App, database: Database, post: Post) -> None:
    """Add the alerts' task to `app`.

    A job is never tried again itself: its successor may wait under the same lock already, and two
    of them there cannot be. What has not arrived says by when it is to be tried again, and the
    watch has it sent then.
    """

    @app.task(name=_TASK, queue=QUEUE)
    async def deliver(channel: str) -> None:
        try:
            while await deliver_next(database, post, channel):
                pass
        except (DatabaseAway, *DATABASE_ERRORS) as error:
            log.warning("alert_delivery_stopped", channel=channel, error=str(error))


async def defer(app: App, channels: Iterable[str]) -> None:
    """Have what waits for these channels sent; one whose job waits already is left as it is."""
    for channel in channels:
        name = f"{_TASK} {channel}"
        task = app.configure_task(_TASK, lock=name, queueing_lock=name, queue=QUEUE)
        try:
            await task.defer_async(channel=channel)
        except AlreadyEnqueued:
            continue


async def channels_behind(connection: AsyncConnection, now: datetime) -> list[str]:
    """Return for which channels something may be sent now."""
    of = {"now": now, "in_order": _IN_ORDER}
    cursor = await connection.execute(_SQL["channels_behind"], of)
    return [row[0] for row in await cursor.fetchall()]


async def deliver_next(database: Database, post: Post, name: str) -> bool:
    """Send a channel's next message; return whether the one after it may be sent now.

    It is taken before it is sent, so that nobody else sends it meanwhile, and sent before it is
    noted: once a worker that dies between the two has lost it, another sends it once more, under
    the same id.
    """
    channel = post.channels.get(name)
    now = datetime.now(UTC)

    async def take(connection: AsyncConnection) -> tuple[_Waiting, Occasion] | None:
        return await _take(connection, name, post.settings, channel, now)

    found = await database.change(take)
    if found is None:
        return False
    waiting, occasion = found
    if channel is None:
        gone = Outcome(problem=f"there is no channel {name!r} any more")
        await _note_failed(database, waiting, gone, dead=True)
        return True
    told = compose(occasion, channel.language)
    outcome = await send(told, channel, post.outgoing, post.settings.answer_s)
    if outcome.problem is None:
        await _note_sent(database, waiting, outcome)
        return True
    dead = now - waiting.created_at > timedelta(hours=post.settings.tried_for_h)
    await _note_failed(database, waiting, outcome, dead=dead)
    if dead:
        log.warning("alert_message_given_up", channel=name, error=outcome.problem)
    return dead


async def _take(
    connection: AsyncConnection,
    name: str,
    settings: AlertSettings,
    channel: Channel | None,
    now: datetime,
) -> tuple[_Waiting, Occasion] | None:
    of = {"channel": name, "now": now, "in_order": _IN_ORDER}
    await connection.execute(_SQL["turn"], of)
    taken = of | {"lease_s": longest_s(settings.answer_s) + _SPARE_S}
    row = await (await connection.execute(_SQL["take_message"], taken)).fetchone()
    if row is None:
        return None
    id_, alert_id, created_at, attempts, taken_until, step, at, note = row
    alert = await store.read_alert(connection, alert_id)
    rules = in_force(await read_changes(connection))
    language = Language.VI if channel is None else channel.language
    waiting = _Waiting(id=id_, created_at=created_at, attempts=attempts, taken_until=taken_until)
    occasion = Occasion(
        id=id_,
        step=step,
        at=at,
        note=note,
        attempt=attempts + 1,
        alert=alert,
        rule=rules[alert.rule],
        place=await _place(connection, alert.unit, language, now),
        page=settings.page,
    )
    return waiting, occasion


async def _place(
    connection: AsyncConnection, unit: str | None, language: Language, now: datetime
) -> str | None:
    if unit is None:
        return None
    tree = await read_tree(connection, today(now))
    if unit not in tree.units:
        return unit
    known = tree.units[unit]
    return known.name_vi if language is Language.VI else known.name_en


async def _note_sent(database: Database, waiting: _Waiting, outcome: Outcome) -> None:
    await _note(database, "note_sent", waiting, {"receipt": outcome.receipt})


async def _note_failed(
    database: Database, waiting: _Waiting, outcome: Outcome, *, dead: bool
) -> None:
    pause = timedelta(seconds=_PAUSES_S[min(waiting.attempts, len(_PAUSES_S) - 1)])
    failed = {
        "problem": outcome.problem,
        "uncertain": outcome.uncertain,
        "dead": dead,
        "again_at": datetime.now(UTC) + pause,
    }
    await _note(database, "note_failed", waiting, failed)


async def _note(
    database: Database, statement: str, waiting: _Waiting, values: Mapping[str, object]
) -> None:
    """Keep how a delivery went, unless it took so long that the message is another worker's."""
    of = {"id": waiting.id, "taken_until": waiting.taken_until, "now": datetime.now(UTC)}
    async with database.write() as connection:
        cursor = await connection.execute(_SQL[statement], of | dict(values))
    if cursor.rowcount == 0:
        log.warning("alert_message_lost_to_another", message=str(waiting.id))
