"""How pages look is kept with the account: by the keys that are known, each for itself."""

from __future__ import annotations

from typing import Any

import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from tests.server.access.office import Desk, at_desk, settle, sign_in

pytestmark = pytest.mark.integration

PATH = "/api/v1/me/preferences"
NOTHING = {"rankings_columns": None, "language": None, "theme": None}

CHOSEN = (
    {"rankings_columns": ["value", "n"], "language": "en"},
    {"theme": "dark"},
    {"language": None},
)


@pytest.fixture
def tokens(database_url: str) -> dict[str, str]:
    settle(database_url)
    held = RoleHeld(role=Role.ADMINISTRATOR)
    return {name: sign_in(database_url, name, held) for name in ("an", "binh")}


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def choose(desk: Desk, token: str, chosen: Any) -> int:
    return (await desk.client.put(PATH, json=chosen, headers=headers(token))).status_code


def test_each_choice_is_kept_with_its_account_until_it_is_taken_back(database_url, tokens):
    async def work(desk: Desk) -> list[Any]:
        first = (await desk.ask(PATH, tokens["an"])).json()
        taken = [await choose(desk, tokens["an"], each) for each in CHOSEN]
        kept = [(await desk.ask(PATH, tokens[who])).json() for who in ("an", "binh")]
        return [first, taken, *kept]

    kept = {"rankings_columns": ["value", "n"], "language": None, "theme": "dark"}
    assert at_desk(database_url, work) == [NOTHING, [204, 204, 204], kept, NOTHING]


@pytest.mark.parametrize(
    "chosen",
    [
        {"unknown": 1},
        {"theme": "pink"},
        {"language": "fr"},
        {"rankings_columns": ["<script>"]},
        {"rankings_columns": ["a"] * 31},
        {"rankings_columns": ["a" * 41]},
        [],
    ],
)
def test_what_no_page_knows_is_refused(database_url, tokens, chosen):
    async def work(desk: Desk) -> int:
        return await choose(desk, tokens["an"], chosen)

    assert at_desk(database_url, work) == 422


def test_whoever_has_no_account_has_nothing_kept(database_url, tokens):
    async def work(desk: Desk) -> tuple[int, int]:
        put = await desk.client.put(PATH, json={"theme": "dark"})
        return (await desk.client.get(PATH)).status_code, put.status_code

    assert at_desk(database_url, work) == (401, 401)
