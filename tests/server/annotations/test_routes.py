"""Annotations over HTTP: seen within and below their place, and written only where one answers."""

from __future__ import annotations

import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.audit.entries import Action
from tests.server.access.office import BELOW, FOREIGN, OWN, acts, at_desk, settle, sign_in

pytestmark = pytest.mark.integration

PATH = "/api/v1/annotations"


def test_a_note_stands_in_its_unit_and_below_and_is_taken_back_there(database_url):
    settle(database_url)
    head = sign_in(database_url, "head", RoleHeld(role=Role.UNIT_HEAD, unit=OWN))
    root = sign_in(database_url, "root", RoleHeld(role=Role.OPERATOR, unit=None))

    async def work(desk):
        def note(token, scope):
            body = {"scope": scope, "day": "2026-10-05", "told": "Mất điện"}
            return desk.ask(PATH, token, method="POST", json=body)

        answers = [
            await note(head, f"subtree:{OWN}"),
            await note(head, "province"),
            await note(head, f"subtree:{FOREIGN}"),
            await note(root, "province"),
            await note(root, "subtree:nowhere"),
        ]
        own, whole = answers[0].json()["id"], answers[3].json()["id"]

        async def seen(scope, period="2026-10"):
            answer = await desk.ask(f"{PATH}?scope={scope}&period={period}", root)
            return {each["id"] for each in answer.json()}

        told = [
            await seen(f"subtree:{BELOW}"),
            await seen(f"subtree:{FOREIGN}"),
            await seen("province"),
            await seen("province", "2026-11"),
        ]
        removed = [
            await desk.ask(f"{PATH}/{whole}", head, method="DELETE"),
            await desk.ask(f"{PATH}/{own}", head, method="DELETE"),
            await desk.ask(f"{PATH}/{own}", head, method="DELETE"),
        ]
        return answers, told, removed, own, whole, await seen(f"subtree:{OWN}")

    answers, told, removed, own, whole, left = at_desk(database_url, work)
    assert [each.status_code for each in answers] == [201, 403, 403, 201, 404]
    assert told == [{own, whole}, {whole}, {whole}, set()]
    assert [each.status_code for each in removed] == [403, 204, 404]
    assert left == {whole}
    log = acts(database_url)
    assert log.count(Action.ANNOTATION_ADDED) == 2
    assert log.count(Action.ANNOTATION_REMOVED) == 1
