"""Closed periods over the API: asked for, done by the worker, read by version and time."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.closing.jobs import close_waiting, restate_all
from server.closing.keys import make_key
from server.closing.settings import ClosingSettings
from tests.server import build
from tests.server.access.office import OWN, Desk, at_desk, sign_in
from tests.server.asking import store
from tests.server.closing.province import AT, RATINGS, SCHEMES, furnish, settle_counting
from tests.server.closing.test_versions import PLACE
from tests.server.schemes.province import execute

pytestmark = pytest.mark.integration

CLOSINGS = "/api/v1/closings"
OCTOBER = f"{CLOSINGS}/2026-10"
NOVEMBER = "/api/v1/readings?kpi=ratings&period=2026-11"


def test_a_period_is_closed_by_the_worker_and_read_by_version_and_time(database_url, tmp_path):
    furnish(database_url, tmp_path)
    settings = ClosingSettings(key=make_key(tmp_path / "closing.key").file)
    leader = sign_in(database_url, "leader", RoleHeld(role=Role.PROVINCE_LEADER, unit=None))
    head = sign_in(database_url, "head", RoleHeld(role=Role.UNIT_HEAD, unit=OWN))
    execute(
        database_url,
        "INSERT INTO appraisal (scheme, version, unit, period, state, appraiser, opened_by, "
        "opened_at) SELECT 'qd766-2022', 1, 'tu-son', '2026-10', 'final', id, 'leader', now() "
        "FROM account WHERE name = 'leader'",
    )

    async def walk(desk: Desk) -> None:
        async def get(path: str, who: str = leader, status: int = 200):
            answer = await desk.ask(path, who)
            assert answer.status_code == status, answer.text
            return answer

        async def ask(period: str, who: str = leader) -> int:
            answer = await desk.ask(CLOSINGS, who, method="POST", json={"period": period})
            return answer.status_code

        assert (await get(CLOSINGS)).json() == []
        await get(OCTOBER, status=404)
        missing = (await get(f"{OCTOBER}/missing")).json()
        assert (missing["over"], missing["closed"], missing["contests"]) == (True, False, {})
        (drafted,) = (await get("/api/v1/appraisals", head)).json()
        assert drafted["draft"] is True
        given = [
            await ask(period) for period in ("2026-10", "2026-10", "2199", "2026-W40", "never")
        ]
        assert given == [202, 409, 409, 422, 422]
        assert await ask("2026-09", head) == 403
        assert await close_waiting(database_url, settings, SCHEMES) == 1
        found = (await get(OCTOBER, head)).json()
        assert (found["closed"], found["asked"]["closed_by"]) == (True, "leader")
        assert found["requests"][0].keys() == {"asked_by", "asked_at", "done_at"}
        assert await ask("2026-10") == 409
        (final,) = (await get("/api/v1/appraisals", head)).json()
        assert final["draft"] is False
        document = await get(f"{OCTOBER}/document")
        assert hashlib.sha256(document.content).hexdigest() == found["asked"]["digest"]
        await get(f"{OCTOBER}/document", head, 403)
        await get(f"{OCTOBER}/document?scope=subtree:{OWN}", head, 422)
        keys = (await get(f"{CLOSINGS}/keys")).json()
        assert [key["fingerprint"] for key in keys] == [found["asked"]["key"]]

        late = [(build.rating(AT + timedelta(hours=1, seconds=99 * n), 1), PLACE) for n in range(5)]
        await asyncio.to_thread(store, database_url, *late)
        await asyncio.to_thread(settle_counting, database_url)
        assert await restate_all(database_url, settings, SCHEMES) == 1
        place = f"{OCTOBER}/readings?scope=subtree:{OWN}&kpi=ratings"
        for asked, version in (
            ("", 2),
            ("&version=1", 1),
            (f"&as_of={found['asked']['closed_at'].replace('+', '%2B')}", 1),
        ):
            read = (await get(place + asked, head)).json()
            counted = RATINGS + 5 * (version - 1)
            assert (read["version"], read["readings"][0]["n"]) == (version, counted)
        await get(f"{place}&version=3", head, 404)
        await get(f"{place}&as_of=yesterday", head, 422)
        await get(f"{place}&as_of=2020-01-01T00:00:00Z", head, 404)
        await read_parts(get, head, f"unit:{OWN};officer:CB-1")
        live = (await get("/api/v1/readings?kpi=ratings&period=2026-10")).json()
        assert (live["edition"]["version"], "edition" in (await get(NOVEMBER)).json()) == (2, False)
        again = (await get(OCTOBER)).json()
        assert [each["version"] for each in again["versions"]] == [1, 2]
        assert again["asked"]["cause"]["rows"]["rating"] == {"2026-10-05": 5}
        assert again["asked"]["changed"] == len(again["changes"]) > 0
        assert (await get(OCTOBER, head)).json()["changes"] == []

    at_desk(database_url, walk)


async def read_parts(get: Any, head: str, officer: str) -> None:
    """Read what stands beside the document, of both versions, by right."""
    for version in (1, 2):
        asked = f"version={version}"
        told = (await get(f"{OCTOBER}/readings?scope={officer}&{asked}", head)).json()
        done = {each["kpi"]: each for each in told["readings"]}["dossiers_done"]
        assert (told["version"], done["value"], done["scope"]) == (version, 6, officer)
        place = f"scope=subtree:{OWN}&{asked}"
        (kind,) = (await get(f"{OCTOBER}/rankings?by=counter&{place}", head)).json()["kinds"]
        assert [row["unit"] for row in kind["rows"]] == [OWN]
        scored = (await get(f"{OCTOBER}/classes?scheme=qd766-2022&{place}", head)).json()["scores"]
        assert [each["unit"] for each in scored] == [OWN]
        assert scored[0]["groups"][1]["components"]
        counted = (await get(f"{OCTOBER}/dossiers?{place}", head)).json()["dossiers"]
        assert counted[0]["now"]["received"] == 10
    own = f"{OCTOBER}/classes?scheme=nd335-2025&scope={officer}"
    (score,) = (await get(own, head)).json()["scores"]
    assert (score["unit"], score["officer"]) == (OWN, "CB-1")
    await get(f"{OCTOBER}/readings?scope={officer}", status=403)
    await get(f"{OCTOBER}/rankings?by=officer", status=403)
    kinds = (await get(f"{OCTOBER}/rankings?kpi=waited_within_15")).json()["kinds"]
    assert [row["member"] for each in kinds for row in each["rows"]]


def test_the_worker_says_why_it_did_not_close(database_url, tmp_path):
    furnish(database_url, tmp_path)
    leader = sign_in(database_url, "leader", RoleHeld(role=Role.PROVINCE_LEADER, unit=None))

    async def walk(desk: Desk) -> None:
        await desk.ask(CLOSINGS, leader, method="POST", json={"period": "2026-10"})
        assert await close_waiting(database_url, ClosingSettings(), SCHEMES) == 0
        found = (await desk.ask(OCTOBER, leader)).json()
        assert found["closed"] is False
        assert found["requests"][0]["problem"].startswith("no key to sign with")
        assert await restate_all(database_url, ClosingSettings(), SCHEMES) == 0

    at_desk(database_url, walk)
