"""A snapshot is made once a revision, and told again only to who has not got it."""

from __future__ import annotations

import pytest

from server.access.roles import Role
from tests.server.access.office import OWN, Desk, at_desk, settle, sign_in_everybody

pytestmark = pytest.mark.integration

SNAPSHOT = f"/api/v1/snapshot?scope=subtree:{OWN}"


def test_who_has_the_snapshot_is_told_so_and_who_may_not_see_it_is_not(database_url):
    settle(database_url)
    tokens = sign_in_everybody(database_url)

    async def work(desk: Desk) -> None:
        async def ask(role: Role, tag: str | None = None) -> tuple[int, str | None, bytes]:
            headers = {"Authorization": f"Bearer {tokens[role]}"}
            headers |= {} if tag is None else {"If-None-Match": tag}
            answer = await desk.client.get(SNAPSHOT, headers=headers)
            return answer.status_code, answer.headers.get("etag"), answer.content

        while True:  # figures may be renewed between two questions
            status, tag, first = await ask(Role.UNIT_HEAD)
            again = await ask(Role.WALL)
            same = await ask(Role.UNIT_HEAD, tag)
            if again[1] == tag and same[1] == tag:
                break
        assert (status, again[0], again[2]) == (200, 200, first)
        assert (same[0], same[2]) == (304, b"")
        assert (await ask(Role.UNIT_HEAD, '"0"'))[0] == 200
        assert (await ask(Role.INSTALLER, tag))[0] == 403

    at_desk(database_url, work)
