"""Signing in while the database goes away, unknown names, administrators against each other."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from psycopg import AsyncConnection

from server.access.accounts import RoleHeld, disable_account
from server.access.entrance import Attempt, Entrance
from server.access.passwords import Passwords
from server.access.roles import Role
from server.access.sessions import Writer
from server.access.settings import AccessSettings
from server.db.commands import run_once
from server.db.pool import Database, PoolSettings
from server.errors import Conflict, DatabaseAway
from tests.coroutines import apart, run
from tests.server.access.office import HERE, Desk, at_desk, sign_in
from tests.server.access.test_second_factor import PASSWORD, set_password

pytestmark = pytest.mark.integration

T = TypeVar("T")
ADMINISTRATOR = RoleHeld(role=Role.ADMINISTRATOR)
NOW = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


class Breaking(Writer):
    """Does what is asked `good` times; then the database is away."""

    __slots__ = ("good",)
    good: int

    async def run(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        within_s: float | None = None,
    ) -> T:
        if self.good == 0:
            raise DatabaseAway("the database is away")
        object.__setattr__(self, "good", self.good - 1)
        return await super().run(work, within_s=within_s)


@pytest.mark.parametrize("good", [0, 1])
def test_a_database_that_goes_away_in_the_middle_signs_nobody_in(database_url, good):
    sign_in(database_url, "root", ADMINISTRATOR)
    set_password(database_url, "root")
    attempt = Attempt(name="root", password=PASSWORD, origin=HERE)

    async def story() -> None:
        database = Database(database_url, PoolSettings())
        await database.open()
        entrance = Entrance(AccessSettings())
        broken = Breaking(database)
        object.__setattr__(broken, "good", good)
        try:
            with pytest.raises(DatabaseAway):
                await entrance.sign_in(broken, attempt, NOW)
            again = await entrance.sign_in(Writer(database), attempt, NOW)
            assert again.token.startswith("mts_")
        finally:
            await database.close()

    run(story())


def test_an_unreachable_database_is_503_and_never_an_open_door():
    async def work(desk: Desk) -> list[int]:
        asked = {"name": "root", "password": PASSWORD}
        answers = [
            await desk.ask("/api/v1/sign-ins", method="POST", json=asked),
            await desk.ask("/api/v1/units", "mts_" + "A" * 43),
            await desk.ask("/api/v1/units"),
        ]
        return [answer.status_code for answer in answers]

    nowhere = "postgresql://127.0.0.1:1/none"
    hasty = PoolSettings(pool_wait_s=0.5)
    assert at_desk(nowhere, work, await_figures=False, pool=hasty) == [503, 503, 401]


def test_a_name_that_nobody_has_takes_as_long_as_a_wrong_password():
    async def story() -> tuple[float, float]:
        passwords = Passwords()
        stored = await passwords.hash(PASSWORD)

        async def fastest_s(known: str | None) -> float:
            taken = []
            for _ in range(5):
                began_s = time.process_time()
                assert not await passwords.matches("another one", known)
                taken.append(time.process_time() - began_s)
            return min(taken)

        return await fastest_s(stored), await fastest_s(None)

    known_s, unknown_s = run(story())
    assert 0.5 < unknown_s / known_s < 2


def test_two_administrators_who_disable_each_other_at_once_leave_one(database_url):
    for name in ("an", "binh"):
        sign_in(database_url, name, ADMINISTRATOR)

    def disable(name: str) -> str:
        async def work(connection: AsyncConnection) -> str:
            try:
                await disable_account(connection, name, NOW)
            except Conflict:
                return "refused"
            return "disabled"

        return apart(run_once, database_url, work)

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(disable, ("an", "binh"))) == ["disabled", "refused"]
