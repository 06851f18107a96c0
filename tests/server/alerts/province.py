"""A small province in a test's database, judged at moments that the test chooses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import psycopg
from msgspec.structs import replace
from psycopg import AsyncConnection

from contract.local_time import LOCAL_TIME
from contract.messages import Upstream
from contract.topics import Address
from server.alerts import store as alerts
from server.alerts.alerts import State
from server.alerts.channels.channels import Channel
from server.alerts.evaluation import Evaluated, evaluate
from server.calendars.calendars import Calendar, Rules
from server.calendars.holidays import VietnameseHolidays
from server.db.connection import session_conninfo
from tests.server import asking, build
from tests.server.access import office

DEVICES = tuple(Address(unit="tu-son", counter=f"quay-{i}", device=f"edge-{i}") for i in (1, 2))
CALENDAR = Calendar(Rules(), VietnameseHolidays())


def working_day(after: date | None = None) -> date:
    """Return the first working day after a day, by default after today."""
    return CALENDAR.shift(after or datetime.now(LOCAL_TIME).date(), 1)


def at(day: date, clock: str) -> datetime:
    """Return a local time of a day."""
    return datetime.combine(day, time.fromisoformat(clock), LOCAL_TIME).astimezone(UTC)


def settle(url: str) -> None:
    """Accept the units of the office."""
    office.settle(url)
    with psycopg.connect(session_conninfo(url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true")


class Judge:
    """Judges a test's database, each time later."""

    def __init__(self, url: str, now: datetime, channels: tuple[Channel, ...] = ()) -> None:
        self.url, self.now, self.channels = url, now, channels

    def store(self, *messages: Upstream | tuple[Upstream, Address]) -> None:
        """Store messages as ingest does."""
        asking.store(self.url, *messages)

    def judge(self, after_s: float = 0.0) -> Evaluated:
        """Judge after some seconds."""
        self.now += timedelta(seconds=after_s)
        return asking.ask(self.url, partial(evaluate, channels=self.channels, now=self.now))

    def waiting(self, people: int, *, served: bool = False) -> None:
        """Let somebody wait at the first counter now, served or not."""
        seen = build.observation(self.now, people, address=DEVICES[0])
        self.store((replace(seen, people_present=people + served), DEVICES[0]))

    def alerts(self, state: State | None = None) -> list[tuple[str, str | None, str]]:
        """Return rule, unit and state of every alert."""

        async def read(connection: AsyncConnection) -> list[tuple[str, str | None, str]]:
            found = await alerts.read_alerts(connection, states=None if state is None else [state])
            return sorted((each.rule, each.unit or "", str(each.state)) for each in found)

        return asking.ask(self.url, read)

    def rows(self, query: str) -> list[tuple]:
        """Return what a query finds."""
        with psycopg.connect(session_conninfo(self.url)) as connection:
            return connection.execute(query).fetchall()

    def change(self, statement: str) -> None:
        """Change rows as no code of ours does."""
        with psycopg.connect(session_conninfo(self.url), autocommit=True) as connection:
            connection.execute(statement)
