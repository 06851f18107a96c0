"""A province of four units with an account for every role, and requests as any of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import httpx
import psycopg
from fastapi import FastAPI
from psycopg import AsyncConnection

from server.access.accounts import RoleHeld, add_account
from server.access.roles import ROLES, Place, Role
from server.access.settings import AccessSettings, SingleSignOnSettings
from server.access.sign_ins import Origin, begin_sign_in
from server.app import ApiSettings, create_app
from server.db.commands import run_once
from server.db.connection import session_conninfo
from server.db.pool import PoolSettings
from server.web.settings import WebSettings
from tests.coroutines import apart, run
from tests.server.pools import PATIENT
from tests.waiting import eventually

T = TypeVar("T")

PARENT, OWN, BELOW, FOREIGN = "bac-ninh", "tu-son", "tu-son-mot-cua", "que-vo"
OFFICER = "nguyen-an"
HERE = Origin(address="10.0.0.7", agent="a test")


def settle(database_url: str) -> None:
    """Store the units: PARENT above OWN and FOREIGN, BELOW under OWN."""
    rows = [(PARENT, None), (OWN, PARENT), (BELOW, OWN), (FOREIGN, PARENT)]
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
        for unit, parent in rows:
            connection.execute(
                "INSERT INTO unit (id, parent, name_vi, name_en) VALUES (%s, %s, %s, %s)",
                (unit, parent, unit, unit),
            )


def sign_in(
    database_url: str,
    name: str,
    *held: RoleHeld,
    officer: str | None = None,
    second_factor: bool = True,
) -> str:
    """Make an account with these roles and return the token of a sign-in."""

    async def work(connection: AsyncConnection) -> str:
        account = await add_account(connection, name=name, roles=held, officer=officer)
        token, _ = await begin_sign_in(
            connection,
            account,
            second_factor=second_factor,
            origin=HERE,
            settings=AccessSettings(),
            now=datetime.now(UTC),
        )
        return token

    return apart(run_once, database_url, work)


def acts(database_url: str) -> list[str]:
    """Return what the audit log has of acts, in their order."""
    with psycopg.connect(session_conninfo(database_url)) as connection:
        rows = connection.execute("SELECT action FROM audit_entry ORDER BY id").fetchall()
    return [action for (action,) in rows]


def sign_in_everybody(database_url: str) -> Mapping[Role, str]:
    """Return a token of each role, held in OWN where it is held in a unit."""
    tokens = {}
    for role in Role:
        unit = None if ROLES[role].held is Place.PROVINCE else OWN
        officer = OFFICER if role is Role.OFFICER else None
        name = role.replace("_", "-")
        held = RoleHeld(role=role, unit=unit)
        tokens[role] = sign_in(database_url, name, held, officer=officer)
    return tokens


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The API in this process, asked as whoever a token stands for."""

    client: httpx.AsyncClient
    app: FastAPI

    async def ask(
        self,
        path: str,
        token: str | None = None,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> httpx.Response:
        signed = {} if token is None else {"Authorization": f"Bearer {token}"}
        headers = {**(headers or {}), **signed}
        return await self.client.request(method, path, headers=headers, **more)


@asynccontextmanager
async def open_desk(
    database_url: str,
    *,
    trial: bool = False,
    remembered_s: float = 0.0,
    single_sign_on: SingleSignOnSettings | None = None,
    await_figures: bool = True,
    pool: PoolSettings = PATIENT,
) -> AsyncIterator[Desk]:
    """Run the API in this process; nothing is remembered, so that tests need not wait."""
    read = ApiSettings.read(trial=trial)
    access = AccessSettings(remembered_s=remembered_s)
    settings = ApiSettings(
        access=access,
        single_sign_on=single_sign_on or read.single_sign_on,
        live=read.live,
        mirror=read.mirror,
        webhooks=read.webhooks,
        web=WebSettings(cached_s=0),
        pool=pool,
        trial=trial,
    )
    app = create_app(database_url, settings)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers={"Accept-Language": "en"}
        ) as client,
    ):
        ready = app.state.live.figures_ready if await_figures else lambda: True
        await asyncio.to_thread(eventually, ready, 30, what="the first figures")
        yield Desk(client=client, app=app)


def at_desk(database_url: str, work: Callable[[Desk], Awaitable[T]], **settings: object) -> T:
    """Return what `work` returns with the API running."""

    async def all_of_it() -> T:
        async with open_desk(database_url, **settings) as desk:
            return await work(desk)

    return run(all_of_it())
