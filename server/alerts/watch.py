"""Judges after every change in the database and with time, in one worker at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog
from procrastinate import App
from psycopg import AsyncConnection

from runtime.sql import statements
from server.alerts.channels.channels import Channel
from server.alerts.contradictions import check_late, withdraw
from server.alerts.evaluation import Evaluated, evaluate
from server.alerts.jobs import channels_behind, defer
from server.alerts.machine import LOOKED_EVERY_S as LOOKED_AT_MACHINE_EVERY_S
from server.alerts.machine import UNKNOWN, Machine, look
from server.alerts.settings import AlertSettings
from server.db.changes import LISTEN
from server.db.connection import session_conninfo
from server.db.pool import Database
from server.db.viewers import ITSELF
from server.errors import RuleInvalid

COALESCED_S = 1.0
"""What changes within so long is judged together: an alert is raised within two seconds."""

RENEWED_S = 5.0
"""Without a change as well: waiting and silence are changes of time alone."""

LOOKED_EVERY_S = 5.0
"""How soon another worker takes over from one that is gone."""

CHECKED_EVERY_S = 30.0
"""How often is looked whether late data contradict an alert."""

CHECKED_WITHIN_S = 10.0
"""So long reading and reckoning may take at a time; what is left has its turn the next time."""

_SQL = statements("server.alerts", "alerts.sql")

log = structlog.get_logger()


class Watch:
    """Keeps alerts current while it runs."""

    def __init__(
        self,
        app: App,
        database: Database,
        database_url: str,
        channels: Sequence[Channel],
        settings: AlertSettings,
    ) -> None:
        self._app = app
        self._database = database
        self._conninfo = session_conninfo(database_url)
        self._channels = channels
        self._settings = settings
        self._machine: Machine = UNKNOWN
        self._failing = ""

    async def run(self) -> None:
        """Work until cancelled, or until the database goes away (DatabaseAway, psycopg's)."""
        while True:
            async with self._alone() as first:
                if first:
                    await self._follow()
            await asyncio.sleep(LOOKED_EVERY_S)

    async def judge(self, now: datetime) -> Evaluated:
        """Judge once, and have what waits for channels sent."""
        async with self._database.write() as connection:
            done = await evaluate(connection, self._channels, now, self._machine)
        if self._channels:
            await self._defer(datetime.now(UTC))
        return done

    async def _defer(self, now: datetime) -> None:
        async def read(connection: AsyncConnection) -> list[str]:
            return await channels_behind(connection, now)

        await defer(self._app, await self._database.ask(read, viewer=ITSELF))

    async def _follow(self) -> None:
        changed = asyncio.Event()
        listening = asyncio.create_task(self._listen(changed))
        looking = asyncio.create_task(self._look_at_machine())
        checking = asyncio.create_task(self._check_again_and_again())
        try:
            while not listening.done():
                changed.clear()
                began_s = time.monotonic()
                await self._judge_or_say_why()
                await asyncio.sleep(max(0.0, COALESCED_S - (time.monotonic() - began_s)))
                waiting = asyncio.create_task(changed.wait())
                await asyncio.wait(
                    {waiting, listening},
                    timeout=RENEWED_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                waiting.cancel()
            listening.result()
        finally:
            beside = (listening, looking, checking)
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _look_at_machine(self) -> None:
        """Look beside the judgements: a disk that hangs, one over the network, holds up none."""
        disks, backups = self._settings.disk_folders, self._settings.backups
        while True:
            self._machine = await asyncio.to_thread(look, disks, backups, datetime.now(UTC))
            await asyncio.sleep(LOOKED_AT_MACHINE_EVERY_S)

    async def check(self, now: datetime) -> int:
        """Withdraw what late data contradict, a bounded number of alerts; return how many.

        It reads and reckons beside the judgements, and takes their turn for the steps alone.
        """
        checks = await self._database.ask(
            partial(check_late, now=now), viewer=ITSELF, within_s=CHECKED_WITHIN_S
        )
        if not checks:
            return 0
        async with self._database.write() as connection:
            return await withdraw(connection, checks, self._channels, now)

    async def _check_again_and_again(self) -> None:
        """Check beside the judgements: one that fails, or takes too long, holds up none."""
        while True:
            await asyncio.sleep(CHECKED_EVERY_S)
            try:
                await self.check(datetime.now(UTC))
            except Exception:
                log.exception("alerts_not_checked")

    async def _judge_or_say_why(self) -> None:
        """A rule that contradicts the others stops judgement until it is changed: say so once."""
        try:
            await self.judge(datetime.now(UTC))
            self._failing = ""
        except RuleInvalid as error:
            if str(error) != self._failing:
                log.warning("alerts_not_judged", error=str(error))
            self._failing = str(error)

    async def _listen(self, changed: asyncio.Event) -> None:
        async with await AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            await connection.execute(LISTEN)
            changed.set()
            async for _ in connection.notifies():
                changed.set()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[bool]:
        """Tell whether this worker is the one that judges; it is until the block ends."""
        async with await AsyncConnection.connect(self._conninfo, autocommit=True) as connection:
            row = await (await connection.execute(_SQL["be_alone"])).fetchone()
            yield row is not None and bool(row[0])
