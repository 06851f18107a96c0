"""Reads and stores who gets the daily brief, and makes what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import AsyncConnection
from psycopg.rows import class_row

from contract.readings import Reading
from contract.texts import Language, texts
from runtime.sql import statements
from server.access.rights import Right
from server.access.roles import ROLES
from server.briefs.briefs import (
    COUNTED,
    FIVE,
    JUDGED,
    Brief,
    Found,
    Spans,
    by_kpi,
    by_unit,
    write_brief,
)
from server.errors import Conflict, NotFound
from server.periods import Period
from server.readings.readings import Breakdown, Question, kpis_named
from server.readings.store import read_readings
from server.scopes import Scope
from server.units.store import read_tree

_SQL = statements("server.briefs", "briefs.sql")

READERS = tuple(role for role, held in ROLES.items() if Right.READ_FIGURES in held.rights)
"""The roles with which figures may be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """An address that gets the brief of a place each morning; no `account` for a command's."""

    address: str
    scope: str
    language: Language
    account: str | None
    since: datetime


async def subscribe(connection: AsyncConnection, asked: Subscriber) -> None:
    """Store a subscription; raise Conflict where an account asks for an address of another's."""
    row = await (await connection.execute(_SQL["owner"], {"address": asked.address})).fetchone()
    if row is not None and asked.account is not None and row[0] != asked.account:
        raise Conflict(f"{asked.address} gets the brief already, asked for by somebody else")
    await connection.execute(
        _SQL["subscribe"],
        {
            "address": asked.address,
            "scope": asked.scope,
            "language": str(asked.language),
            "account": asked.account,
            "now": asked.since,
        },
    )


async def unsubscribe(connection: AsyncConnection, address: str) -> None:
    """End an address's subscription; raise NotFound."""
    cursor = await connection.execute(_SQL["unsubscribe"], {"address": address})
    if await cursor.fetchone() is None:
        raise NotFound(f"{address} does not get the brief")


async def unsubscribe_account(connection: AsyncConnection, account: str) -> None:
    """End an account's subscriptions; raise NotFound where it has none."""
    cursor = await connection.execute(_SQL["unsubscribe_account"], {"account": account})
    if await cursor.fetchone() is None:
        raise NotFound("this account does not get the brief")


async def read_subscribers(
    connection: AsyncConnection, account: str | None = None
) -> list[Subscriber]:
    """Return who gets the brief, all or those of one account, by address."""
    cursor = connection.cursor(row_factory=class_row(Subscriber))
    return await (await cursor.execute(_SQL["subscribers"], {"account": account})).fetchall()


async def read_due(connection: AsyncConnection, day: date) -> list[Subscriber]:
    """Return who has no brief of a morning yet and may have one."""
    cursor = connection.cursor(row_factory=class_row(Subscriber))
    asked = {"day": day, "roles": list(READERS)}
    return await (await cursor.execute(_SQL["due"], asked)).fetchall()


async def make_brief(
    connection: AsyncConnection, scope: Scope, day: date, language: Language, now: datetime
) -> Brief:
    """Return the brief of a morning for a place, from one consistent view; raise NotFound."""
    spans = Spans.until(day)

    async def read(
        kpis: tuple[str, ...], period: Period, by: Breakdown | None = None
    ) -> list[Reading]:
        question = Question(
            kpis=kpis_named(kpis, scope, period, by), scope=scope, period=period, by=by
        )
        return await read_readings(connection, question, now)

    within = tuple(dict.fromkeys((*JUDGED, *COUNTED)))
    tree = await read_tree(connection, day)
    found = Found(
        yesterday=by_kpi(await read(FIVE, spans.yesterday)),
        week=by_kpi(await read(FIVE, spans.week)),
        before=by_kpi(await read(FIVE, spans.before)),
        units=by_unit(await read(within, spans.week, Breakdown.UNIT)),
        units_before=by_unit(await read(JUDGED, spans.before, Breakdown.UNIT)),
        tree=tree,
    )
    place = texts("server.briefs", language)["place.province"]
    if scope.unit is not None and scope.unit in tree.units:
        unit = tree.units[scope.unit]
        place = unit.name_vi if language is Language.VI else unit.name_en
    return write_brief(found, day, place, language)
