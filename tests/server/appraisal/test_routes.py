"""An appraisal from the self score to the final one: whose turn it is, and who may not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from tests.server.access.office import BELOW, FOREIGN, OWN, PARENT, Desk, acts, at_desk, sign_in
from tests.server.schemes.province import execute, staff

pytestmark = pytest.mark.integration

APPRAISALS = "/api/v1/appraisals"


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
        "other": token("other", Role.APPRAISER, PARENT),
        "inside": token("inside", Role.APPRAISER, OWN),
    }


def opening(appraiser: str, **given: object) -> dict:
    return {
        "scheme": "qd766-2022", "period": "2026-10", "unit": OWN, "appraiser": appraiser,
    } | given  # fmt: skip


def points(term: str, value: float | str) -> dict:
    return {"term": term, "points": str(value), "evidence": f"Minh chứng cho {term}"}


class Office:
    """Asks the API as the people of the tests do."""

    def __init__(self, desk: Desk, tokens: Mapping[str, str]) -> None:
        self._desk, self._tokens = desk, tokens

    async def post(
        self, who: str, path: str, body: object = None, method: str = "POST"
    ) -> httpx.Response:
        return await self._desk.ask(
            f"{APPRAISALS}{path}", self._tokens[who], method=method, json=body or {}
        )

    async def get(self, who: str, path: str) -> httpx.Response:
        return await self._desk.ask(path, self._tokens[who])


def in_office(province, tokens, work):
    async def walk(desk: Desk):
        return await work(Office(desk, tokens))

    return at_desk(province, walk)


def test_a_unit_is_scored_by_itself_then_from_above_answers_and_is_final(province, tokens):
    async def work(office: Office) -> None:
        opened = await office.post("leader", "", opening("above"))
        assert opened.status_code == 201, opened.text
        found = opened.json()
        assert (found["draft"], found["next_step"]) == (True, "self_score")
        at = f"/{found['id']}"
        assert (await office.post("above", f"{at}/appraisal")).status_code == 409
        scored = await office.post(
            "head", f"{at}/self-score", {"entries": [points("online", 9)], "comment": "Tự chấm"}
        )
        assert scored.json()["state"] == "self_scored", scored.text
        assert (await office.post("head", f"{at}/self-score")).status_code == 409
        assert (await office.post("head", f"{at}/appraisal")).status_code == 403
        assert (await office.post("other", f"{at}/appraisal")).status_code == 403
        body = {"entries": [points("online", 8)], "comment": "Thiếu minh chứng"}
        assert (await office.post("above", f"{at}/appraisal", body)).status_code == 200
        assert (await office.post("above", f"{at}/answer")).status_code == 403
        said = await office.post("head", f"{at}/answer", {"comment": "Đồng ý"})
        assert said.json()["next_step"] == "final"
        final = (await office.post("above", f"{at}/final")).json()
        # It stays a draft until its period is closed: tests/server/closing/test_routes.py.
        assert (final["state"], final["draft"], "next_step" in final) == ("final", True, False)
        assert [(each["step"], each["actor"]) for each in final["steps"]] == [
            ("opened", "leader"), ("self_score", "head"), ("appraisal", "above"),
            ("answer", "head"), ("final", "above"),
        ]  # fmt: skip
        row = (
            await office.get("head", f"/api/v1/classes?scheme=qd766-2022&period=2026-10&unit={OWN}")
        ).json()["classes"][0]
        assert {each["id"]: each["points"] for each in row["criteria"]}["online"] == "8.00"
        assert (final["steps"][-1]["total"], final["steps"][-1]["band"]) == (
            row["total"], row["band"],
        )  # fmt: skip
        assert (await office.post("above", f"{at}/final")).status_code == 409

    in_office(province, tokens, work)
    steps = ["appraisal_opened", *["appraisal_step"] * 4]
    assert [each for each in acts(province) if each.startswith("appraisal")] == steps
    with pytest.raises(Exception, match="is only added to"):
        execute(province, "UPDATE appraisal_step SET comment = 'x'")


REFUSED = {
    "by somebody of the unit itself": (opening("inside"), "leader", 409, "from above"),
    "by whoever may not appraise": (opening("officer"), "leader", 409, "has no role"),
    "by themselves": (
        opening("boss", scheme="nd335-2025", officer="CB-2"), "head", 409, "themselves",
    ),
    "by nobody": (opening("nobody-here"), "leader", 404, "no account"),
    "of a unit elsewhere": (opening("above", unit=FOREIGN), "head", 403, "may not open"),
    "of an unknown unit": (opening("above", unit="nowhere"), "leader", 409, "no role"),
    "of an unknown officer": (
        opening("head", scheme="nd335-2025", officer="CB-9"), "head", 404, "CB-9",
    ),
    "by a scheme that does not hold": (
        opening("above", scheme="nd61-2018", period="2026-Q3"), "leader", 422, "no version",
    ),
}  # fmt: skip


def test_what_cannot_be_opened_is_said_in_one_line(province, tokens):
    sign_in(province, "boss", RoleHeld(role=Role.UNIT_HEAD, unit=OWN), officer="CB-2")

    async def work(office: Office) -> None:
        for case, (body, who, status, said) in REFUSED.items():
            answer = await office.post(who, "", body)
            found = (answer.status_code, said in answer.json()["detail"])
            assert found == (status, True), (case, answer.text)

    in_office(province, tokens, work)


def test_an_officer_is_appraised_by_the_head_and_seen_by_nobody_else(province, tokens):
    async def work(office: Office) -> None:
        body = opening("head", scheme="nd335-2025", officer="CB-1")
        opened = (await office.post("head", "", body)).json()
        at = f"/{opened['id']}"
        scores = {"entries": [points("general", 25)]}
        for who, status in (("colleague", 403), ("head", 403), ("officer", 200)):
            assert (await office.post(who, f"{at}/self-score", scores)).status_code == status
        for who, status in (("officer", 200), ("head", 200), ("colleague", 404), ("leader", 404)):
            assert (await office.get(who, f"{APPRAISALS}{at}")).status_code == status
        listed = (await office.get("colleague", APPRAISALS)).json()
        assert listed == []
        assert (await office.post("head", "", body)).status_code == 409

    in_office(province, tokens, work)


def test_an_open_appraisal_lets_its_appraiser_see_officers_until_it_is_final(province, tokens):
    officers = f"/api/v1/classes?scheme=nd335-2025&period=2026-10&unit={OWN}"

    async def work(office: Office) -> None:
        assert (await office.get("above", officers)).status_code == 403
        body = opening("above", scheme="nd335-2025", officer="CB-1")
        opened = (await office.post("head", "", body)).json()
        assert (await office.get("above", officers)).status_code == 200
        assert (await office.get("other", officers)).status_code == 403
        # The appraiser leaves: another one takes over, and the history says so.
        execute(province, "UPDATE account SET disabled_at = now() WHERE name = 'above'")
        at = f"/{opened['id']}"
        seen = (await office.get("head", f"{APPRAISALS}{at}")).json()
        assert seen["appraiser_there"] is False
        assert (await office.post("above", f"{at}/appraisal")).status_code == 401
        given = {"appraiser": "other", "reason": "Đã chuyển công tác"}
        handed = await office.post("head", f"{at}/appraiser", given, "PUT")
        assert handed.json()["appraiser"] == "other", handed.text
        assert handed.json()["steps"][-1]["comment"] == "above → other: Đã chuyển công tác"
        assert (await office.get("other", officers)).status_code == 200

    in_office(province, tokens, work)


def test_two_who_score_at_once_one_wins(province, tokens):
    async def work(office: Office) -> None:
        opened = (await office.post("leader", "", opening("above"))).json()
        body = {"entries": [points("online", 9)]}
        answers = await asyncio.gather(
            *(office.post("head", f"/{opened['id']}/self-score", body) for _ in range(2))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]

    in_office(province, tokens, work)


def test_before_the_period_is_over_an_appraisal_is_a_draft(province, tokens):
    async def work(office: Office) -> None:
        body = opening("above", period="2199", unit=BELOW)
        opened = (await office.post("leader", "", body)).json()
        at = f"/{opened['id']}"
        assert opened["due_at"].startswith("2200-01-")
        await office.post("head", f"{at}/self-score")
        await office.post("above", f"{at}/appraisal")
        await office.post("head", f"{at}/answer")
        final = await office.post("above", f"{at}/final")
        assert (final.status_code, "draft" in final.json()["detail"]) == (409, True)

    in_office(province, tokens, work)
