"""Every route that is not GET leaves an entry in the audit log, or says here why it need not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from fastapi.routing import APIRoute

from contract.topics import Address
from server.access.accounts import RoleHeld
from server.access.roles import Role
from server.db.connection import session_conninfo
from tests.server import build
from tests.server.access.office import OWN, Desk, at_desk, settle, sign_in
from tests.server.access.test_rights import routes
from tests.server.asking import store

pytestmark = pytest.mark.integration

KEY = {"Idempotency-Key": "a-batch-1"}


@dataclass(frozen=True, kw_only=True)
class Act:
    """A request that does something, and the action that has to be noted."""

    action: str
    who: str = "root"
    path: str = ""
    body: Any = None
    file: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


WITHOUT = {
    ("POST", "/api/v1/alert-rules/{rule}/backtest"): "tries a rule and stores nothing",
    ("POST", "/api/v1/schemes/trial"): "tries a scheme and stores nothing",
    ("POST", "/api/v1/links/owner"): "reads the name of whose link it is",
    ("POST", "/api/v1/second-factor"): "changes nothing before it is confirmed",
    ("POST", "/danh-gia/{token}"): "a citizen rates, and nobody knows who",
    ("PUT", "/api/v1/me/preferences"): "how pages look to oneself",
    ("POST", "/api/v1/single-sign-on"): "nobody is known yet: the answer is noted",
}
_APPRAISAL = "/api/v1/appraisals/{appraisal}"
ELSEWHERE = {
    **{
        ("POST", path): "tests/server/appraisal/test_routes.py"
        for path in (
            "/api/v1/appraisals",
            *(f"{_APPRAISAL}/{step}" for step in ("answer", "appraisal", "final", "self-score")),
        )
    },
    ("PUT", f"{_APPRAISAL}/appraiser"): "tests/server/appraisal/test_routes.py",
    **{
        ("POST", f"/api/v1/alerts/{{alert}}/{rest}"): "tests/server/alerts/test_routes.py"
        for rest in ("steps", "messages/{message}/send")
    },
    ("PUT", "/api/v1/alert-rules/{rule}"): "tests/server/alerts/test_routes.py",
    ("PUT", "/api/v1/comments/{comment}/reading"): "tests/server/phone/test_ratings.py",
    ("DELETE", "/api/v1/annotations/{annotation}"): "tests/server/annotations/test_routes.py",
    ("POST", "/api/v1/contests"): "tests/server/contests/test_routes.py",
    ("PUT", "/api/v1/contests/{contest}/assignee"): "tests/server/contests/test_routes.py",
    ("POST", "/api/v1/contests/{contest}/answer"): "tests/server/contests/test_routes.py",
    ("PUT", "/api/v1/entered-points"): "tests/server/schemes/test_routes.py",
    ("DELETE", "/api/v1/exports/{export}"): "tests/server/exports/test_files.py",
    ("POST", "/api/v1/links"): "tests/integration/test_signing_in.py",
    ("POST", "/api/v1/reports"): "tests/server/reports/test_routes.py",
    ("POST", "/api/v1/reports/verify"): "tests/server/reports/test_routes.py",
    ("PUT", "/api/v1/schemes"): "tests/server/schemes/test_version_routes.py",
    ("POST", "/api/v1/screens/entered"): "tests/integration/test_signing_in.py",
    ("POST", "/api/v1/second-factor/confirmed"): "tests/integration/test_signing_in.py",
    ("POST", "/api/v1/single-sign-on/answered"): "tests/integration/test_single_sign_on.py",
    ("POST", "/api/v1/webhooks/{name}/dead/{message}/send"): "tests/server/webhooks/test_routes.py",
    ("DELETE", "/api/v1/webhooks/{name}/dead/{message}"): "tests/server/webhooks/test_routes.py",
}
"""Needs a code or another program, and is noted in the test that has it."""

RECORD = {"records": [{}]}
TABLES = {
    "staff": b"code,name,unit\nCB-1,An,nowhere\n",
    "assignments": b"officer,unit,starts_at,ends_at\nCB-1,nowhere,never,never\n",
    "dossiers": b"code,procedure,receiving_unit,resolving_unit,received_at\nA,1,x,x,never\n",
    "complaints": b"id,unit,received_at\nP-1,nowhere,never\n",
    "units": b"id,name_vi\n,A\n",
    "counters": b"unit,id\nnowhere,quay-1\n",
    "calendars": b"calendar,day,hours\ndefault,never,off\n",
    "procedures": b"code,name_vi\n,A\n",
}
"""Files with the columns of their kind, whose rows are not right."""
ACTS = {
    ("POST", "/api/v1/accounts"): Act(
        action="account_added",
        body={"name": "somebody", "roles": [{"role": "installer", "unit": OWN}]},
    ),
    ("POST", "/api/v1/accounts/{name}/link"): Act(
        action="account_reset", path="/api/v1/accounts/somebody/link"
    ),
    ("DELETE", "/api/v1/accounts/{name}"): Act(
        action="account_disabled", path="/api/v1/accounts/somebody"
    ),
    ("POST", "/api/v1/annotations"): Act(
        action="annotation_added", body={"day": "2026-10-05", "told": "Power cut"}
    ),
    ("PUT", "/api/v1/me/briefs"): Act(
        action="brief_subscribed", body={"address": "root@example.vn"}
    ),
    ("DELETE", "/api/v1/me/briefs"): Act(action="brief_ended"),
    ("PUT", "/api/v1/assignments"): Act(action="records_written", body=RECORD, headers=KEY),
    ("POST", "/api/v1/closings"): Act(action="closing_asked", body={"period": "2026-01"}),
    ("PUT", "/api/v1/complaints"): Act(
        action="records_written", path="/api/v1/complaints?source=s", body=RECORD, headers=KEY
    ),
    ("POST", "/api/v1/dossier-events"): Act(
        action="records_written", path="/api/v1/dossier-events?source=s", body=RECORD, headers=KEY
    ),
    ("PUT", "/api/v1/dossiers"): Act(
        action="records_written", path="/api/v1/dossiers?source=s", body=RECORD, headers=KEY
    ),
    **{
        ("PUT", f"/api/v1/{kind}"): Act(action="records_written", body=RECORD, headers=KEY)
        for kind in ("calendars", "counters", "procedures", "staff", "units")
    },
    ("PUT", "/api/v1/devices/{unit}/{counter}/{device}/config"): Act(
        action="device_configured", path=f"/api/v1/devices/{OWN}/quay-1/edge-1/config", body={}
    ),
    **{
        ("POST", f"/api/v1/imports/{kind}"): Act(
            action="records_imported", path=f"/api/v1/imports/{kind}?file=t.csv", file=table
        )
        for kind, table in TABLES.items()
    },
    ("POST", "/api/v1/devices/{unit}/{counter}/{device}/retire"): Act(
        action="device_retired", path=f"/api/v1/devices/{OWN}/quay-1/edge-1/retire"
    ),
    ("POST", "/api/v1/devices/{unit}/{counter}/{device}/restore"): Act(
        action="device_restored", path=f"/api/v1/devices/{OWN}/quay-1/edge-1/restore"
    ),
    ("POST", "/api/v1/keys"): Act(
        action="key_added", body={"name": "program", "rights": ["read_figures"]}
    ),
    ("DELETE", "/api/v1/keys/{name}"): Act(action="key_revoked", path="/api/v1/keys/program"),
    ("POST", "/api/v1/screens"): Act(action="screen_added", body={"name": "lobby"}),
    ("DELETE", "/api/v1/screens/{name}"): Act(
        action="screen_revoked", path="/api/v1/screens/lobby"
    ),
    ("POST", "/api/v1/sign-ins"): Act(
        action="sign_in_refused", body={"name": "root", "password": "not this one"}
    ),
    ("POST", "/api/v1/units/{unit}/accept"): Act(
        action="unit_accepted", path=f"/api/v1/units/{OWN}/accept"
    ),
    ("POST", "/api/v1/exports"): Act(
        action="export_asked", body={"dataset": "hours", "period": "2026-10"}
    ),
    ("POST", "/api/v1/webhooks"): Act(
        action="webhook_added", body={"name": "ioc", "address": "https://1.1.1.1/"}
    ),
    ("POST", "/api/v1/webhooks/{name}/secret"): Act(
        action="webhook_secret_changed", path="/api/v1/webhooks/ioc/secret"
    ),
    ("POST", "/api/v1/webhooks/{name}/disable"): Act(
        action="webhook_disabled", path="/api/v1/webhooks/ioc/disable"
    ),
    ("POST", "/api/v1/webhooks/{name}/enable"): Act(
        action="webhook_enabled", path="/api/v1/webhooks/ioc/enable"
    ),
    ("DELETE", "/api/v1/webhooks/{name}"): Act(
        action="webhook_removed", path="/api/v1/webhooks/ioc"
    ),
    ("DELETE", "/api/v1/sign-ins/current"): Act(action="signed_out", who="other"),
    ("DELETE", "/api/v1/sign-ins/{sign_in}"): Act(action="signed_out", path="a sign-in"),
}  # in the order in which they are done


def written() -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in routes()
        if isinstance(route, APIRoute)
        for method in route.methods - {"GET", "HEAD"}
    }


def test_every_act_is_told_here():
    """A new route is done below, or says why nothing is noted."""
    assert written() == {*ACTS, *WITHOUT, *ELSEWHERE}
    assert len(ACTS) + len(WITHOUT) + len(ELSEWHERE) == len(written())


def entries(database_url: str) -> list[tuple[str, str, str, str]]:
    with psycopg.connect(session_conninfo(database_url)) as connection:
        return connection.execute(
            "SELECT action, actor, subject, address FROM audit_entry ORDER BY id"
        ).fetchall()


def test_every_act_is_noted_with_who_and_what(database_url):
    settle(database_url)
    at = Address(unit=OWN, counter="quay-1", device="edge-1")
    store(database_url, (build.rating(datetime.now(UTC), address=at), at))
    tokens = {
        name: sign_in(database_url, name, RoleHeld(role=Role.ADMINISTRATOR))
        for name in ("root", "other")
    }

    async def work(desk: Desk) -> list[str]:
        wrong = []
        for (method, route), act in ACTS.items():
            path = act.path or route
            if path == "a sign-in":
                (one,) = (await desk.ask("/api/v1/sign-ins", tokens["root"])).json()
                path = f"/api/v1/sign-ins/{one['id']}"
            before = await asyncio.to_thread(entries, database_url)
            more = {} if act.body is None else {"json": act.body}
            more |= {} if act.file is None else {"content": act.file}
            headers = {"Authorization": f"Bearer {tokens[act.who]}", **act.headers}
            answer = await desk.client.request(method, path, headers=headers, **more)
            new = (await asyncio.to_thread(entries, database_url))[len(before) :]
            if [(each[0], each[1]) for each in new] != [(act.action, act.who)]:
                wrong.append(f"{method} {path}: {answer.status_code} {answer.text} {new}")
        return wrong

    assert at_desk(database_url, work) == []
