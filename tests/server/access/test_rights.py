"""Every route and stream declares what it needs, and is closed to who lacks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute

from server.access.guard import Allow, At
from server.access.rights import FOR_ANYONE, Right
from server.access.roles import ROLES, Role
from server.app import create_app
from tests.coroutines import run
from tests.server.access.office import (
    BELOW,
    FOREIGN,
    OWN,
    PARENT,
    Desk,
    at_desk,
    settle,
    sign_in_everybody,
)

PUBLIC = {"/docs", "/docs-files", "/openapi.json"}
"""The description of the API holds no figures."""

APPRAISALS = "/api/v1/appraisals"
APPRAISAL = f"{APPRAISALS}/{{appraisal}}"
CLOSINGS = "/api/v1/closings"
DEVICE = "/api/v1/devices/{unit}/{counter}/{device}"
EXPECTED = {
    ("GET", "/api/v1/accounts"): (Right.READ_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/accounts"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("DELETE", "/api/v1/accounts/{name}"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/accounts/{name}/link"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("GET", "/api/v1/alerts"): (Right.READ_ALERTS, At.ANYWHERE),
    ("GET", "/api/v1/alerts/events"): (Right.READ_ALERTS, At.ANYWHERE),
    ("GET", "/api/v1/alerts/{alert}"): (Right.READ_ALERTS, At.ANYWHERE),
    ("POST", "/api/v1/alerts/{alert}/steps"): (Right.HANDLE_ALERTS, At.ANYWHERE),
    ("POST", "/api/v1/alerts/{alert}/messages/{message}/send"): (
        Right.HANDLE_ALERTS,
        At.ANYWHERE,
    ),
    ("GET", "/api/v1/alert-rules"): (Right.READ_ALERTS, At.ANYWHERE),
    ("GET", "/api/v1/alert-rules/{rule}"): (Right.READ_ALERTS, At.ANYWHERE),
    ("GET", "/api/v1/alert-rules/{rule}/backtest"): (Right.WRITE_ALERT_RULES, At.ANYWHERE),
    ("POST", "/api/v1/alert-rules/{rule}/backtest"): (Right.WRITE_ALERT_RULES, At.ANYWHERE),
    ("PUT", "/api/v1/alert-rules/{rule}"): (Right.WRITE_ALERT_RULES, At.ANYWHERE),
    ("GET", "/api/v1/annotations"): (Right.READ_FIGURES, At.SCOPE),
    ("POST", "/api/v1/annotations"): (Right.HANDLE_ALERTS, At.ANYWHERE),
    ("DELETE", "/api/v1/annotations/{annotation}"): (Right.HANDLE_ALERTS, At.ANYWHERE),
    ("GET", APPRAISALS): (Right.READ_APPRAISALS, At.ANYWHERE),
    ("POST", APPRAISALS): (Right.MANAGE_APPRAISALS, At.ANYWHERE),
    ("GET", APPRAISAL): (Right.READ_APPRAISALS, At.ANYWHERE),
    ("POST", f"{APPRAISAL}/self-score"): (Right.SELF_SCORE, At.ANYWHERE),
    ("POST", f"{APPRAISAL}/appraisal"): (Right.APPRAISE, At.ANYWHERE),
    ("POST", f"{APPRAISAL}/answer"): (Right.SELF_SCORE, At.ANYWHERE),
    ("POST", f"{APPRAISAL}/final"): (Right.APPRAISE, At.ANYWHERE),
    ("PUT", f"{APPRAISAL}/appraiser"): (Right.MANAGE_APPRAISALS, At.ANYWHERE),
    ("GET", "/api/v1/audit"): (Right.READ_AUDIT, At.ANYWHERE),
    ("GET", "/api/v1/assignments"): (Right.READ_STAFF, At.ANYWHERE),
    ("PUT", "/api/v1/assignments"): (Right.WRITE_STAFF, At.ANYWHERE),
    ("GET", "/api/v1/calendars"): (Right.READ_CATALOGUE, At.ANYWHERE),
    ("PUT", "/api/v1/calendars"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("GET", "/api/v1/catalogue"): (Right.READ_CATALOGUE, At.ANYWHERE),
    ("GET", "/api/v1/classes"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/classes/explanation"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/control-limits"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", CLOSINGS): (Right.READ_CLOSINGS, At.ANYWHERE),
    ("POST", CLOSINGS): (Right.CLOSE_PERIODS, At.ANYWHERE),
    ("GET", f"{CLOSINGS}/keys"): (Right.READ_CLOSINGS, At.ANYWHERE),
    ("GET", f"{CLOSINGS}/{{period}}"): (Right.READ_CLOSINGS, At.ANYWHERE),
    ("GET", f"{CLOSINGS}/{{period}}/document"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", f"{CLOSINGS}/{{period}}/missing"): (Right.READ_CLOSINGS, At.ANYWHERE),
    ("GET", f"{CLOSINGS}/{{period}}/readings"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", f"{CLOSINGS}/{{period}}/rankings"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", f"{CLOSINGS}/{{period}}/classes"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", f"{CLOSINGS}/{{period}}/dossiers"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/contests"): (Right.READ_CONTESTS, At.ANYWHERE),
    ("POST", "/api/v1/contests"): (Right.CONTEST, At.ANYWHERE),
    ("PUT", "/api/v1/contests/{contest}/assignee"): (Right.ANSWER_CONTESTS, At.ANYWHERE),
    ("POST", "/api/v1/contests/{contest}/answer"): (Right.ANSWER_CONTESTS, At.ANYWHERE),
    ("GET", "/api/v1/entered-points"): (Right.READ_FIGURES, At.ANYWHERE),
    ("PUT", "/api/v1/entered-points"): (Right.WRITE_POINTS, At.ANYWHERE),
    ("GET", "/api/v1/devices"): (Right.READ_DEVICES, At.ANYWHERE),
    ("GET", f"{DEVICE}/config"): (Right.MANAGE_DEVICES, At.UNIT),
    ("PUT", f"{DEVICE}/config"): (Right.MANAGE_DEVICES, At.UNIT),
    ("POST", f"{DEVICE}/restore"): (Right.MANAGE_DEVICES, At.UNIT),
    ("POST", f"{DEVICE}/retire"): (Right.MANAGE_DEVICES, At.UNIT),
    ("GET", "/api/v1/complaints"): (Right.READ_COMPLAINTS, At.ANYWHERE),
    ("GET", "/api/v1/counters"): (Right.READ_UNITS, At.ANYWHERE),
    ("PUT", "/api/v1/counters"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("GET", "/api/v1/dossiers"): (Right.READ_DOSSIERS, At.ANYWHERE),
    ("GET", "/api/v1/families"): (Right.READ_CATALOGUE, At.ANYWHERE),
    ("GET", "/api/v1/procedures"): (Right.READ_CATALOGUE, At.ANYWHERE),
    ("GET", "/api/v1/answers"): (Right.READ_COMMENTS, At.UNIT_ASKED),
    ("PUT", "/api/v1/procedures"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("PUT", "/api/v1/units"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("GET", "/api/v1/comments"): (Right.READ_COMMENTS, At.UNIT_ASKED),
    ("PUT", "/api/v1/comments/{comment}/reading"): (Right.RELEASE_COMMENTS, At.ANYWHERE),
    ("GET", "/danh-gia/{token}"): (Right.RATE, At.ANYWHERE),
    ("POST", "/danh-gia/{token}"): (Right.RATE, At.ANYWHERE),
    ("PUT", "/api/v1/complaints"): (Right.WRITE_COMPLAINTS, At.ANYWHERE),
    ("POST", "/api/v1/imports/assignments"): (Right.WRITE_STAFF, At.ANYWHERE),
    ("POST", "/api/v1/imports/calendars"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("POST", "/api/v1/imports/counters"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("POST", "/api/v1/imports/procedures"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("POST", "/api/v1/imports/units"): (Right.MANAGE_UNITS, At.ANYWHERE),
    ("POST", "/api/v1/imports/complaints"): (Right.WRITE_COMPLAINTS, At.ANYWHERE),
    ("POST", "/api/v1/imports/dossiers"): (Right.WRITE_DOSSIERS, At.ANYWHERE),
    ("POST", "/api/v1/imports/staff"): (Right.WRITE_STAFF, At.ANYWHERE),
    ("PUT", "/api/v1/dossiers"): (Right.WRITE_DOSSIERS, At.ANYWHERE),
    ("POST", "/api/v1/dossier-events"): (Right.WRITE_DOSSIERS, At.ANYWHERE),
    ("GET", "/api/v1/events"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/serving"): (Right.READ_STAFF, At.UNIT_ASKED),
    ("GET", "/api/v1/exports"): (Right.READ_FIGURES, At.ANYWHERE),
    ("POST", "/api/v1/exports"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/exports/{export}"): (Right.READ_FIGURES, At.ANYWHERE),
    ("DELETE", "/api/v1/exports/{export}"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/exports/{export}/file"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/ioc/alerts"): (Right.READ_ALERTS, At.ANYWHERE),
    ("GET", "/api/v1/ioc/classes"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/ioc/figures"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/ioc/units"): (Right.READ_UNITS, At.ANYWHERE),
    ("GET", "/api/v1/webhooks"): (Right.READ_WEBHOOKS, At.ANYWHERE),
    ("POST", "/api/v1/webhooks"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("DELETE", "/api/v1/webhooks/{name}"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("POST", "/api/v1/webhooks/{name}/disable"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("POST", "/api/v1/webhooks/{name}/enable"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("POST", "/api/v1/webhooks/{name}/secret"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("GET", "/api/v1/webhooks/{name}/dead"): (Right.READ_WEBHOOKS, At.ANYWHERE),
    ("POST", "/api/v1/webhooks/{name}/dead/{message}/send"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("DELETE", "/api/v1/webhooks/{name}/dead/{message}"): (Right.WRITE_WEBHOOKS, At.ANYWHERE),
    ("GET", "/api/v1/health"): (Right.READ_HEALTH, At.ANYWHERE),
    ("GET", "/api/v1/keys"): (Right.READ_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/keys"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("DELETE", "/api/v1/keys/{name}"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/links"): (Right.SIGN_IN, At.ANYWHERE),
    ("POST", "/api/v1/links/owner"): (Right.SIGN_IN, At.ANYWHERE),
    ("GET", "/api/v1/me"): (Right.SIGN_IN, At.ANYWHERE),
    ("GET", "/api/v1/me/briefs"): (Right.READ_FIGURES, At.ANYWHERE),
    ("PUT", "/api/v1/me/briefs"): (Right.READ_FIGURES, At.ANYWHERE),
    ("DELETE", "/api/v1/me/briefs"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/me/preferences"): (Right.READ_OWN_ACCOUNT, At.ANYWHERE),
    ("PUT", "/api/v1/me/preferences"): (Right.WRITE_OWN_ACCOUNT, At.ANYWHERE),
    ("GET", "/api/v1/me/permission"): (Right.SIGN_IN, At.ANYWHERE),
    ("GET", "/api/v1/models"): (Right.READ_MODELS, At.ANYWHERE),
    ("GET", "/api/v1/models/index.json"): (Right.READ_MODELS, At.ANYWHERE),
    ("GET", "/api/v1/models/{file}"): (Right.READ_MODELS, At.ANYWHERE),
    ("GET", "/api/v1/planning"): (Right.READ_FIGURES, At.UNIT_ASKED),
    ("GET", "/api/v1/quarantine"): (Right.READ_QUARANTINE, At.ANYWHERE),
    ("GET", "/api/v1/rankings"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/rankings/explanation"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/readings"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/reports"): (Right.READ_FIGURES, At.ANYWHERE),
    ("POST", "/api/v1/reports"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/reports/mails"): (Right.READ_WEBHOOKS, At.ANYWHERE),
    ("POST", "/api/v1/reports/verify"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/reports/{report}"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/reports/{report}/file"): (Right.READ_FIGURES, At.ANYWHERE),
    ("GET", "/api/v1/schemes/{scheme}/{version}"): (Right.READ_CATALOGUE, At.ANYWHERE),
    ("POST", "/api/v1/schemes/trial"): (Right.CLOSE_PERIODS, At.ANYWHERE),
    ("PUT", "/api/v1/schemes"): (Right.CLOSE_PERIODS, At.ANYWHERE),
    ("GET", "/api/v1/schemes"): (Right.READ_CATALOGUE, At.ANYWHERE),
    ("GET", "/api/v1/screens"): (Right.READ_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/screens"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/screens/entered"): (Right.SIGN_IN, At.ANYWHERE),
    ("DELETE", "/api/v1/screens/{name}"): (Right.WRITE_ACCOUNTS, At.ANYWHERE),
    ("POST", "/api/v1/second-factor"): (Right.WRITE_OWN_ACCOUNT, At.ANYWHERE),
    ("POST", "/api/v1/second-factor/confirmed"): (Right.WRITE_OWN_ACCOUNT, At.ANYWHERE),
    ("GET", "/api/v1/sign-ins"): (Right.READ_OWN_ACCOUNT, At.ANYWHERE),
    ("POST", "/api/v1/sign-ins"): (Right.SIGN_IN, At.ANYWHERE),
    ("DELETE", "/api/v1/sign-ins/current"): (Right.WRITE_OWN_ACCOUNT, At.ANYWHERE),
    ("DELETE", "/api/v1/sign-ins/{sign_in}"): (Right.WRITE_OWN_ACCOUNT, At.ANYWHERE),
    ("GET", "/api/v1/single-sign-on"): (Right.SIGN_IN, At.ANYWHERE),
    ("POST", "/api/v1/single-sign-on"): (Right.SIGN_IN, At.ANYWHERE),
    ("POST", "/api/v1/single-sign-on/answered"): (Right.SIGN_IN, At.ANYWHERE),
    ("GET", "/api/v1/snapshot"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/sources"): (Right.READ_SOURCES, At.ANYWHERE),
    ("GET", "/api/v1/staff"): (Right.READ_STAFF, At.ANYWHERE),
    ("PUT", "/api/v1/staff"): (Right.WRITE_STAFF, At.ANYWHERE),
    ("WS", "/api/v1/stream"): (Right.READ_FIGURES, At.SCOPE),
    ("GET", "/api/v1/units"): (Right.READ_UNITS, At.ANYWHERE),
    ("POST", "/api/v1/units/{unit}/accept"): (Right.MANAGE_UNITS, At.UNIT),
    ("GET", "/api/v1/units/{unit}"): (Right.READ_UNITS, At.UNIT),
    ("GET", "/healthz"): (Right.READ_HEALTH, At.ANYWHERE),
}

_OWN = {"read_own_account", "write_own_account", "read_units"}
_FIGURES = _OWN | {"read_catalogue", "read_closings", "read_figures"}
_CARE = {
    "manage_devices", "manage_units", "read_devices", "read_quarantine", "read_sources",
    "read_webhooks", "handle_alerts", "read_alerts", "write_alert_rules",
}  # fmt: skip
_JUDGED = {"contest", "read_appraisals", "read_contests", "self_score"}
_JUDGES = {"answer_contests", "appraise", "read_appraisals", "read_contests"}
_HEAD = _FIGURES | _JUDGED | _JUDGES | {
    "handle_alerts", "manage_appraisals", "read_alerts", "read_comments", "read_complaints",
    "read_devices", "read_dossiers", "read_officers", "read_staff", "release_comments",
    "write_points",
}  # fmt: skip
MATRIX: Mapping[Role, tuple[set[str], bool]] = {
    Role.WALL: ({"read_alerts", "read_catalogue", "read_figures", "read_units"}, False),
    Role.PROVINCE_LEADER: (
        _FIGURES | _JUDGES | {
            "close_periods", "handle_alerts", "manage_appraisals", "read_alerts", "read_comments",
            "read_devices", "read_sources", "write_points",
        },
        True,
    ),
    Role.DEPARTMENT_HEAD: (_HEAD, False),
    Role.UNIT_HEAD: (_HEAD, False),
    Role.OFFICER: (_FIGURES | _JUDGED, False),
    Role.APPRAISER: (_FIGURES | _JUDGES | {"read_officers"}, False),
    Role.INSTALLER: (_OWN | {"read_devices", "manage_devices"}, False),
    Role.OPERATOR: (_FIGURES | _CARE, True),
    Role.AUDITOR: (_OWN | {right.value for right in Right if right.reads_only}, True),
    Role.ADMINISTRATOR: (
        _FIGURES | _CARE | {
            "close_periods", "read_accounts", "read_appraisals", "read_complaints",
            "read_contests", "read_dossiers", "read_staff", "write_accounts", "write_complaints",
            "write_dossiers", "write_points", "write_staff", "write_webhooks",
        },
        True,
    ),
}  # fmt: skip
"""What each role may do, and whether everywhere or in its own unit and below it: written down here
once more, so that neither a role nor a route grows unseen."""


def routes() -> list[BaseRoute]:
    return list(flattened(create_app("postgresql://127.0.0.1/motcua").routes))


def flattened(found: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes with those of the routers among them."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from flattened(inner.routes)


def rights(dependant: Dependant) -> Iterator[tuple[Right, At]]:
    if isinstance(dependant.call, Allow):
        yield dependant.call.right, dependant.call.at
    for inner in dependant.dependencies:
        yield from rights(inner)


def methods(route: APIRoute | APIWebSocketRoute) -> Iterable[str]:
    return route.methods if isinstance(route, APIRoute) else ("WS",)


def declared() -> dict[tuple[str, str], list[tuple[Right, At]]]:
    return {
        (method, route.path): list(rights(route.dependant))
        for route in routes()
        if isinstance(route, APIRoute | APIWebSocketRoute) and route.path not in PUBLIC
        for method in methods(route)
    }


def test_every_route_declares_exactly_the_expected_right():
    assert declared() == {route: [needed] for route, needed in EXPECTED.items()}


def test_nothing_else_is_served_without_a_right():
    others = {route.path for route in routes()} - {path for _, path in EXPECTED}
    assert others <= PUBLIC


def test_the_roles_are_those_of_the_matrix():
    found = {role: {str(right) for right in each.rights} for role, each in ROLES.items()}
    assert found == {role: allowed for role, (allowed, _) in MATRIX.items()}


PLACES = {
    At.ANYWHERE: [""],
    At.SCOPE: [
        *(f"subtree:{unit}" for unit in (OWN, BELOW, FOREIGN, PARENT)),
        *(f"unit:{unit}" for unit in (OWN, BELOW, FOREIGN, PARENT)),
        *(f"counter:{unit}/quay-1" for unit in (OWN, FOREIGN)),
        "province",
    ],
    At.UNIT: [OWN, BELOW, FOREIGN, PARENT],
    At.UNIT_ASKED: [OWN, BELOW, FOREIGN, PARENT],
}


def within_own(place: str) -> bool:
    return not place or OWN in place


def expected(role: Role, right: Right, place: str) -> bool:
    allowed, everywhere = MATRIX[role]
    if right in FOR_ANYONE:
        return True
    return right.value in allowed and (everywhere or within_own(place))


def address(path: str, at: At, place: str) -> str:
    path = path.replace("{file}", "x").replace("{name}", "nobody").replace("{unit}", place or "x")
    path = path.replace("{counter}", "quay-1").replace("{device}", "none")
    path = path.replace("{token}", "x")
    for name in ("{alert}", "{appraisal}", "{comment}", "{contest}", "{message}", "{sign_in}"):
        path = path.replace(name, "00000000-0000-0000-0000-000000000000")
    match at:
        case At.SCOPE:
            return f"{path}?scope={place}"
        case At.UNIT_ASKED:
            return f"{path}?unit={place}"
        case _:
            return path


async def is_open(desk: Desk, token: str | None, method: str, path: str) -> bool:
    """Return whether the guard lets a request pass: what comes of it then does not matter."""
    more = {"json": {}} if method in {"POST", "PUT", "PATCH"} else {}
    if path.startswith(("/api/v1/events", "/api/v1/alerts/events")):
        more["headers"] = {"Last-Event-ID": "none"}  # refused behind the guard: it has no end
    answer = await desk.ask(path, token, method=method, **more)
    assert answer.status_code < 500, (path, answer.text)
    if path.startswith("/api/v1/sign-ins") and method == "POST":
        return True  # its own refusal is 401, too
    return answer.status_code not in {401, 403}


def test_every_route_and_role_and_place_as_the_matrix_says(database_url):
    settle(database_url)
    tokens = sign_in_everybody(database_url)

    async def walk(desk: Desk) -> list[tuple[str, ...]]:
        wrong = []
        for (method, path), (right, at) in EXPECTED.items():
            if method == "WS" or path.endswith("/current"):
                continue
            for place in PLACES[at]:
                where = address(path, at, place)
                for role, token in tokens.items():
                    if await is_open(desk, token, method, where) != expected(role, right, place):
                        wrong.append((role, method, where))
                if await is_open(desk, None, method, where) != (right in FOR_ANYONE):
                    wrong.append(("nobody", method, where))
        return wrong

    assert at_desk(database_url, walk, remembered_s=30.0) == []


@pytest.mark.parametrize(("scope", "open_"), [(f"subtree:{OWN}", True), ("province", False)])
def test_lists_leave_out_what_lies_elsewhere(database_url, scope, open_):
    settle(database_url)
    tokens = sign_in_everybody(database_url)

    async def walk(desk: Desk) -> None:
        units = await desk.ask("/api/v1/units", tokens[Role.UNIT_HEAD])
        assert {unit["id"] for unit in units.json()} == {OWN, BELOW}
        everybody = await desk.ask("/api/v1/units", tokens[Role.AUDITOR])
        assert len(everybody.json()) == 4
        query = f"/api/v1/me/permission?right=read_figures&scope={scope}"
        assert (await desk.ask(query, tokens[Role.UNIT_HEAD])).json() is open_

    at_desk(database_url, walk)


def test_stream_refuses_who_lacks_its_right():
    app = create_app("postgresql://127.0.0.1:1/motcua")
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "websocket.connect"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": "/api/v1/stream",
        "query_string": b"",
        "headers": [],
        "subprotocols": [],
    }
    run(app(scope, receive, send))
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]
