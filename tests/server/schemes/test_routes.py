"""Classes over the API: whose are seen, what is entered by whom, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from tests.commands import call
from tests.server import build
from tests.server.access.office import (
    BELOW,
    FOREIGN,
    OWN,
    PARENT,
    Desk,
    at_desk,
    sign_in,
    sign_in_everybody,
)
from tests.server.asking import store
from tests.server.requesting import Client
from tests.server.schemes.province import execute, fill

pytestmark = pytest.mark.integration

OCTOBER = "scheme=qd766-2022&period=2026-10"
OFFICERS = f"scheme=nd335-2025&period=2026-10&unit={OWN}"
ENTERED = "/api/v1/entered-points"


@pytest.fixture
def province(database_url, tmp_path) -> str:
    fill(database_url, tmp_path)
    return database_url


def points(row: Mapping) -> dict[str, str]:
    return {each["id"]: each.get("points") for each in row["criteria"]}


def entry(term: str = "online", **given: object) -> dict:
    return {"term": term, "evidence": "Báo cáo 12", **({"points": "7.25"} | given)}


def entries(*each: dict, **whom: object) -> dict:
    given = {"scheme": "qd766-2022", "period": "2026-10", "unit": OWN} | whom
    return {**given, "entries": list(each) or [entry()]}


def test_units_are_scored_from_their_readings_and_from_what_was_entered(province):
    client = Client(province)
    rows = client.send("GET", f"/api/v1/classes?{OCTOBER}").json()["classes"]
    found = {row["unit"]: row for row in rows}
    assert set(found) == {PARENT, OWN, BELOW, FOREIGN}
    # 10 of 11 in OWN and below it; 4 of 4 in FOREIGN; 14 of 15 in all of PARENT.
    assert [points(found[unit])["on_time"] for unit in (OWN, BELOW, FOREIGN, PARENT)] == [
        "18.18", "20.00", "20.00", "18.67",
    ]  # fmt: skip
    assert points(found[FOREIGN])["data_reused"] == "2.00"
    assert "online" in found[OWN]["missing"]
    before = found[OWN]["total"]
    running = client.send("GET", "/api/v1/classes?scheme=qd766-2022&period=month").json()
    assert running["running"] is True
    assert client.send("PUT", ENTERED, json=entries()).status_code == 204
    alone = client.send("GET", f"/api/v1/classes?{OCTOBER}&unit={OWN}").json()["classes"]
    assert (len(alone), points(alone[0])["online"]) == (1, "7.25")
    assert float(alone[0]["total"]) == pytest.approx(float(before) + 7.25)
    # The newest holds; the older one stays as history; what is withdrawn is missing again.
    assert client.send("PUT", ENTERED, json=entries(entry(points=None))).status_code == 204
    again = client.send("GET", f"/api/v1/classes?{OCTOBER}&unit={OWN}").json()["classes"][0]
    assert again["total"] == before
    past = client.send("GET", f"{ENTERED}?{OCTOBER}&unit={OWN}").json()["entries"]
    assert [(each["withdrawn"], each.get("points")) for each in past] == [
        (True, None), (False, "7.25"),
    ]  # fmt: skip


def test_the_command_prints_what_the_api_explains(province):
    asked = f"{OCTOBER}&unit={OWN}&lang=en"
    text = Client(province).send("GET", f"/api/v1/classes/explanation?{asked}").json()["text"]
    assert "20 × 10 / 11 = 18,1818" in text
    assert "n = 11, period 2026-10" in text
    command = ("report", "explain", OWN, "--scheme", "qd766-2022", "--period", "2026-10")
    result = call(*command, "--lang", "en", "--database-url", province)
    assert result.exit_code == 0, result.output
    assert result.output == text


REFUSED = {
    "no such criterion": (entries(entry("onlin")), 404),
    "a computed criterion": (entries(entry(points=13)), 422),
    "no evidence": (entries(entry(evidence="")), 422),
    "counts for points": (entries(entry(points=None, numerator=1, denominator=2)), 422),
    "points for counts": (entries(entry("published_on_time")), 422),
    "more than all": (
        entries(entry("published_on_time", points=None, numerator=3, denominator=2)),
        422,
    ),
    "an unknown unit": (entries(unit="nowhere"), 404),
    "an unknown scheme": (entries(scheme="qd767"), 404),
    "a week": (entries(period="2026-W41"), 422),
    "an officer in a scheme of units": (entries(officer="CB-1"), 403),
}


@pytest.fixture(scope="module")
def shared_province(module_database_url, tmp_path_factory) -> str:
    fill(module_database_url, tmp_path_factory.mktemp("books"))
    return module_database_url


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_entered_is_refused_in_one_line(shared_province, case):
    body, status = REFUSED[case]
    answer = Client(shared_province).send("PUT", ENTERED, json=body)
    assert answer.status_code == status, answer.text
    assert execute(shared_province, "SELECT count(*) FROM entered_point") == [(0,)]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        (f"{OCTOBER}&unit=nowhere", 404, "'nowhere'"),
        ("scheme=nd61-2018&period=2026-Q1", 422, "no version of nd61-2018"),
        ("scheme=nd118-2025&period=2026-Q1", 422, "to be filled in"),
        ("scheme=nd335-2025&period=2026-10", 422, "name it"),
        (f"{OCTOBER}&unit={OWN}&officer=CB-1", 422, "another scheme"),
        ("scheme=nd61-2018&period=2025-Q2&compare=2025-Q3", 422, "no version"),
    ],
)
def test_what_is_not_scored_is_said(shared_province, query, status, said):
    answer = Client(shared_province).send("GET", f"/api/v1/classes?{query}")
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


def test_each_sees_the_classes_that_the_roles_give(province):
    tokens = dict(sign_in_everybody(province))
    own = sign_in(province, "cb1", RoleHeld(role=Role.OFFICER, unit=OWN), officer="CB-1")
    both = sign_in(province, "chief", RoleHeld(role=Role.UNIT_HEAD, unit=OWN), officer="CB-2")

    async def walk(desk: Desk) -> None:
        async def status(query: str, token: str) -> int:
            return (await desk.ask(f"/api/v1/classes?{query}", token)).status_code

        async def put(token: str, **whom: object) -> int:
            body = entries(entry("general", points=20), scheme="nd335-2025", **whom)
            return (await desk.ask(ENTERED, token, method="PUT", json=body)).status_code

        head, leader = tokens[Role.UNIT_HEAD], tokens[Role.PROVINCE_LEADER]
        rows = (await desk.ask(f"/api/v1/classes?{OCTOBER}", head)).json()["classes"]
        assert {row["unit"] for row in rows} == {OWN, BELOW}
        assert await status(f"{OCTOBER}&unit={FOREIGN}", head) == 403
        assert await status(f"{OCTOBER}&unit={FOREIGN}", leader) == 200
        # Officers: the direct head, the officer, the auditor; nobody else.
        rows = (await desk.ask(f"/api/v1/classes?{OFFICERS}", head)).json()["classes"]
        assert {row["officer"] for row in rows} == {"CB-1", "CB-2"}
        for token in (leader, tokens[Role.ADMINISTRATOR], tokens[Role.APPRAISER], own):
            assert await status(OFFICERS, token) == 403
        assert await status(OFFICERS, tokens[Role.AUDITOR]) == 200
        assert await status(f"{OFFICERS}&officer=CB-1", own) == 200
        assert await status(f"{OFFICERS}&officer=CB-2", own) == 403
        # Points of an officer: the direct head's, never one's own.
        assert await put(head, officer="CB-1") == 204
        assert await put(leader, officer="CB-1") == 403
        assert await put(own, officer="CB-1") == 403
        assert await put(both, officer="CB-2") == 403
        assert await put(head, unit=FOREIGN, officer="CB-3") == 403
        scored = (await desk.ask(f"/api/v1/classes?{OFFICERS}&officer=CB-1", own)).json()
        assert points(scored["classes"][0])["general"] == "20.00"
        seen = await desk.ask("/api/v1/audit?limit=1000", tokens[Role.AUDITOR])
        acts = [(each["action"], each["subject"]) for each in seen.json()]
        assert ("points_entered", f"unit:{OWN};officer:CB-1") in acts
        assert ("officer_seen", f"unit:{OWN};officer:CB-1") in acts

    at_desk(province, walk)


def test_a_unit_that_was_there_for_a_part_of_the_period_is_scored_on_those_days(province):
    execute(province, "UPDATE unit SET valid_to = '2026-10-20', successor = %s WHERE id = %s",
            OWN, BELOW)  # fmt: skip
    rows = Client(province).send("GET", f"/api/v1/classes?{OCTOBER}").json()["classes"]
    found = {row["unit"]: row for row in rows}
    assert found[BELOW]["present"] == {"first": "2026-10-01", "last": "2026-10-19"}
    assert points(found[BELOW])["on_time"] == "20.00"
    assert "present" not in found[OWN]
    later = Client(province).send(
        "GET", f"/api/v1/classes?scheme=qd766-2022&period=2026-11&unit={BELOW}"
    )
    assert later.status_code == 404


def test_changing_every_expression_changes_no_class_by_a_byte(province):
    at = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
    times = [at + timedelta(minutes=each) for each in range(40)]
    store(province, *(build.visit(each, expression=build.mix(0.5)) for each in times))
    store(province, *(build.observation(each, expression=build.mix(0.5)) for each in times))
    store(province, *(build.rating(each, 5 if each.minute % 3 else 2) for each in times))
    client = Client(province)

    def classes() -> list[bytes]:
        asked = [OCTOBER, "scheme=sipas-style&period=2026-10"]
        answers = [client.send("GET", f"/api/v1/classes?{each}") for each in asked]
        assert all(answer.status_code == 200 for answer in answers)
        of_officer = ("--scheme", "nd335-2025", "--period", "2026-10", "--officer", "CB-1")
        result = call("report", "explain", OWN, *of_officer, "--database-url", province)
        assert result.exit_code == 0, result.output
        units = [answer.content.partition(b'"classes"')[2] for answer in answers]
        return [*units, result.stdout_bytes]

    def mix() -> float:
        query = "kpi=expression_mix&period=2026-10&scope=province"
        (reading,) = client.send("GET", f"/api/v1/readings?{query}").json()["readings"]
        return reading["value"]

    before, mixed = classes(), mix()
    changed = 0
    for table in ("visit", "observation"):
        changed += len(
            execute(
                province,
                f"UPDATE {table} SET negative = 0, neutral = 0, positive = 1 "
                "WHERE positive IS NOT NULL RETURNING id",
            )
        )
    execute(province, "UPDATE expression_daily SET negative = 0, neutral = 0, positive = visits")
    assert (changed, mix() != mixed) == (80, True)
    assert classes() == before
