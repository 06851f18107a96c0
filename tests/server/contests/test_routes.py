"""An objection to a figure, a rating or a class: filed, assigned, answered once, and its effect."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.db.connection import session_conninfo
from server.facts.recount import recount_dirty
from tests.server import build
from tests.server.access.office import FOREIGN, OWN, PARENT, Desk, acts, at_desk, sign_in
from tests.server.asking import store
from tests.server.schemes.province import execute, staff

pytestmark = pytest.mark.integration

CONTESTS = "/api/v1/contests"
AT = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
SHARE = f"/api/v1/readings?kpi=share_satisfied&period=2026-10&scope=unit:{OWN}"


@pytest.fixture
def province(database_url) -> str:
    staff(database_url)
    return database_url


@pytest.fixture
def tokens(province) -> Mapping[str, str]:
    def token(name: str, role: Role, unit: str | None, officer: str | None = None) -> str:
        return sign_in(province, name, RoleHeld(role=role, unit=unit), officer=officer)

    return {
        "head": token("head", Role.UNIT_HEAD, OWN),
        "officer": token("officer", Role.OFFICER, OWN, "CB-1"),
        "colleague": token("colleague", Role.OFFICER, OWN, "CB-2"),
        "leader": token("leader", Role.PROVINCE_LEADER, None),
        "above": token("above", Role.APPRAISER, PARENT),
    }


class Office:
    """Asks the API as the people of the tests do."""

    def __init__(self, desk: Desk, tokens: Mapping[str, str]) -> None:
        self._desk, self._tokens = desk, tokens

    async def send(
        self, who: str, path: str, body: object = None, method: str = "POST"
    ) -> httpx.Response:
        where = path if path.startswith("/api") else f"{CONTESTS}{path}"
        more = {} if method == "GET" else {"json": body or {}}
        return await self._desk.ask(where, self._tokens[who], method=method, **more)

    async def filed(self, who: str, given: int = 201, **body: object) -> dict:
        answer = await self.send(who, "", {"unit": OWN, "reason": "Không đúng"} | body)
        assert answer.status_code == given, answer.text
        return answer.json()

    async def answered(
        self, who: str, contest: dict, effect: str, given: int = 200, **body: object
    ) -> dict:
        said = {"effect": effect, "answer": "Đã kiểm tra"} | body
        answer = await self.send(who, f"/{contest['id']}/answer", said)
        assert answer.status_code == given, answer.text
        return answer.json()

    async def assigned(self, contest: dict, to: str, given: int = 200, by: str = "leader") -> None:
        path = f"/{contest['id']}/assignee"
        answer = await self.send(by, path, {"assignee": to}, "PUT")
        assert answer.status_code == given, answer.text


def in_office(province, tokens, work):
    async def walk(desk: Desk):
        return await work(Office(desk, tokens))

    return at_desk(province, walk)


def test_a_rating_that_is_left_out_counts_no_more_and_its_row_stays(province, tokens):
    place = replace(build.HERE, unit=OWN)
    ratings = [
        (build.rating(AT + timedelta(seconds=100 * n), 1 if n < 10 else 5, address=place), place)
        for n in range(40)
    ]
    store(province, *ratings)
    rating = str(ratings[0][0].id)

    async def work(office: Office) -> None:
        assert (await office.send("head", SHARE, method="GET")).json()["readings"][0]["n"] == 40
        contest = await office.filed("head", kind="rating", rating=rating)
        assert contest["period"] == "2026-10-05"
        await office.answered("above", contest, "left_out", 403)  # given to nobody yet
        await office.assigned(contest, "above")
        await office.answered("above", contest, "restated", 409)
        done = await office.answered("above", contest, "left_out")
        assert (done["effect"], done["answered_by"]) == ("left_out", "above")
        with psycopg.connect(session_conninfo(province)) as connection:
            recount_dirty(connection)
        reading = (await office.send("head", SHARE, method="GET")).json()["readings"][0]
        assert (reading["n"], round(reading["value"] * 39)) == (39, 30)
        assert execute(province, "SELECT count(*) FROM rating") == [(40,)]
        path = f"?unit={OWN}&period=2026-10-05"
        assert len((await office.send("head", path, method="GET")).json()) == 1

    in_office(province, tokens, work)
    steps = ["contest_filed", "contest_assigned", "contest_answered"]
    assert [each for each in acts(province) if each.startswith("contest")] == steps


def test_a_class_is_restated_by_the_answer_and_keeps_both_totals(province, tokens):
    async def work(office: Office) -> None:
        entry = {"term": "online", "points": "8", "evidence": "Cổng DVCQG"}
        of = {"scheme": "qd766-2022", "period": "2026-10"}
        put = {**of, "unit": OWN, "entries": [{**entry, "points": "5"}]}
        entered = await office.send("head", "/api/v1/entered-points", put, "PUT")
        assert entered.status_code == 204
        contest = await office.filed("head", kind="class", **of)
        await office.assigned(contest, "above")
        await office.answered("above", contest, "restated", 409)
        done = await office.answered("above", contest, "restated", entries=[entry])
        assert float(done["value_after"]) - float(done["value_before"]) == 3
        await office.answered("above", contest, "kept", 409)

    in_office(province, tokens, work)


def test_an_objection_is_answered_from_above_and_by_nobody_twice(province, tokens):
    async def work(office: Office) -> None:
        of = {"kind": "figure", "kpi": "dossiers_received", "period": "2026-10"}
        contest = await office.filed("head", **of)
        await office.assigned(contest, "head", 409)  # their own
        await office.assigned(contest, "nobody-here", 404)
        await office.assigned(contest, "colleague", 409)  # no role
        await office.assigned(contest, "above")
        both = await asyncio.gather(
            *(
                office.send(
                    "above", f"/{contest['id']}/answer", {"effect": effect, "answer": "Lý do"}
                )
                for effect in ("kept", "restated")
            )
        )
        assert sorted(each.status_code for each in both) == [200, 409]
        await office.filed("officer", 403, officer="CB-2", **of)
        await office.filed("head", 403, **of, unit=FOREIGN)
        await office.filed("head", 404, **{**of, "kpi": "dossiers_recieved"})
        await office.filed("head", 422, **{**of, "period": "now"})
        own = await office.filed("officer", officer="CB-1", **of)
        await office.assigned(own, "head", 404)  # the leader sees no officer
        await office.assigned(own, "head", by="head")
        for who, seen in (("officer", True), ("head", True), ("colleague", False)):
            found = (await office.send(who, "", method="GET")).json()
            assert (own["id"] in {each["id"] for each in found}) is seen

    in_office(province, tokens, work)
