"""Signing in through the dashboards before a real API: forms, cookies, walls' screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from tests.commands import call
from tests.dashboards.stand_in import Served, served
from tests.processes import free_port, motcua
from tests.server.access.office import FOREIGN, OWN, PARENT, settle
from tests.waiting import eventually

pytestmark = pytest.mark.integration

PASSWORD = "gió mùa đông bắc về"
HEAD, FORM, SCREEN = "__Host-motcua", "__Host-motcua-form", "__Host-motcua-screen"


@dataclass(frozen=True, kw_only=True)
class Building:
    """Dashboards that demand sign-in, and the database behind their API."""

    url: str
    database_url: str

    def get(self, path: str, cookies: dict[str, str] | None = None) -> httpx.Response:
        return self.send("GET", path, cookies)

    def send(
        self,
        method: str,
        path: str,
        cookies: dict[str, str] | None = None,
        *,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        sent = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        headers = {**(headers or {}), **({"Cookie": sent} if sent else {})}
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.request(method, f"{self.url}{path}", data=data, headers=headers)

    def command(self, *words: str) -> str:
        result = call(*words, "--database-url", self.database_url)
        assert result.exit_code == 0, result.output
        return result.output

    def account(self, name: str, role: str) -> None:
        """Make an account and set its password through the pages."""
        path = self.command("user", "add", name, "--role", role).split("8050")[1].strip()
        proof = self.get(path).cookies[FORM]
        data = {"form": proof, "password": PASSWORD, "again": PASSWORD}
        assert self.send("POST", path, {FORM: proof}, data=data).status_code == 200

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        proof = self.get("/sign-in").cookies[FORM]
        data = {"form": proof, "name": name, "password": password, **more}
        return self.send("POST", "/sign-in", {FORM: proof}, data=data)

    def watch(self, query: str, cookies: dict[str, str]) -> list[str] | int:
        """Return the kinds of a wall's first two messages, or the code with which it is closed."""
        sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
        url = f"{self.url.replace('http', 'ws')}/_live/wall?{query}"
        with connect(url, additional_headers={"Cookie": sent}, proxy=None) as socket:
            try:
                return [
                    re.findall(r'"kind": ?"(\w+)"', str(socket.recv(timeout=20)))[0]
                    for _ in range(2)
                ]
            except ConnectionClosed as closed:
                assert closed.rcvd is not None
                return closed.rcvd.code


@pytest.fixture
def building(database_url: str, tmp_path: Path) -> Iterator[Building]:
    settle(database_url)
    port = free_port()
    api_url = f"http://127.0.0.1:{port}"
    arguments = ("--database-url", database_url, "--port", str(port))
    with ExitStack() as stack:
        stack.enter_context(motcua("server", "api", *arguments, log=tmp_path / "api.log"))
        ready = f"{api_url}/healthz"
        eventually(lambda: httpx.get(ready).is_success, 60, retry=httpx.HTTPError, what="the API")
        settings = DashboardsSettings(api_url=api_url)
        screens = stack.enter_context(served(Served(create_app(settings))))
        yield Building(url=screens.url, database_url=database_url)


def test_nothing_is_seen_before_signing_in(building: Building):
    for path in ("/", "/wall", "/units", "/devices"):
        answer = building.get(path)
        assert (answer.status_code, answer.headers["location"]) == (
            303, f"/sign-in?next=%2F{path[1:]}",
        )  # fmt: skip
    assert building.get("/_dash-layout").status_code == 401
    callback = building.send("POST", "/_dash-update-component")
    assert callback.status_code == 401
    assert building.watch("", {}) == 4403


def test_who_signs_in_sees_what_the_role_may_and_signs_out_again(building: Building):
    building.account("hoa", "province_leader")
    answer = building.sign_in("hoa", next="/devices")
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{HEAD}="))
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
    token = {HEAD: answer.cookies[HEAD]}
    for path in ("/wall", "/units", "/devices"):
        assert building.get(path, token).status_code == 200
    assert building.watch("", token) == ["hello", "whole"]
    shown = building.get("/visitor", token)
    assert (shown.json()["kind"], shown.json()["label"]) == ("account", "hoa")
    proof = {FORM: shown.cookies[FORM]}
    assert building.send("POST", "/sign-out", token, data={"form": "x"}).status_code == 403
    data = {"form": proof[FORM]}
    assert building.send("POST", "/sign-out", token | proof, data=data).status_code == 303
    assert building.get("/units", token).status_code == 303


def test_a_screen_shows_its_wall_and_nothing_else_until_it_is_revoked(building: Building):
    said = building.command("screen", "add", "sanh", "--unit", OWN, "--scene", "now")
    path = said.strip().split("8050")[1]
    answer = building.get(path)
    assert answer.headers["location"] == f"/wall?scope=subtree%3A{OWN}"
    assert building.get(path).status_code == 410
    cookie = {SCREEN: answer.cookies[SCREEN]}
    assert building.get(f"/wall?scope=subtree:{OWN}", cookie).status_code == 200
    assert building.get("/devices", cookie).status_code == 403
    assert building.watch(f"scope=subtree:{OWN}", cookie) == ["hello", "whole"]
    for query in (f"scope=subtree:{FOREIGN}", f"scope=subtree:{PARENT}", "scope=province"):
        assert building.watch(query, cookie) == 4403
    assert building.watch(f"scope=subtree:{OWN}&scenes=map", cookie) == 4403
    building.command("screen", "revoke", "sanh")
    eventually(lambda: building.watch(f"scope=subtree:{OWN}", cookie) == 4403, 20, what="the end")


def test_a_form_that_is_not_ours_signs_nobody_in(building: Building):
    building.account("hoa", "province_leader")
    proof = building.get("/sign-in").cookies[FORM]
    data = {"name": "hoa", "password": PASSWORD, "form": proof}
    assert building.send("POST", "/sign-in", {}, data=data).status_code == 403
    assert building.send("POST", "/sign-in", {FORM: "other"}, data=data).status_code == 403
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = building.send("POST", "/sign-in", {FORM: proof}, data=data, headers=headers)
        assert answer.status_code == 403
        assert HEAD not in answer.cookies
    assert building.send("POST", "/sign-in", {FORM: proof}, data=data).status_code == 303


def test_signing_in_gives_a_token_that_was_not_known_before(building: Building):
    building.account("hoa", "province_leader")
    planted = {HEAD: "mts_" + "A" * 43}
    proof = building.get("/sign-in", planted).cookies[FORM]
    data = {"form": proof, "name": "hoa", "password": PASSWORD}
    first = building.send("POST", "/sign-in", {FORM: proof, **planted}, data=data).cookies[HEAD]
    second = building.sign_in("hoa").cookies[HEAD]
    assert len({first, second, planted[HEAD]}) == 3


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
     "javascript:alert(1)", "/units\r\nX-Injected: 1", "/sign-out", "http:/units"],
)  # fmt: skip
def test_signing_in_leads_to_no_other_place(building: Building, onward: str):
    building.account("hoa", "province_leader")
    assert building.sign_in("hoa", next=onward).headers["location"] == "/units"
    page = building.get(f"/sign-in?{httpx.QueryParams(next=onward)}").text
    assert 'name="next" value="/units"' in page


@pytest.mark.parametrize(("language", "words"), [("vi", "không đúng"), ("en", "is not right")])
def test_a_refusal_is_said_in_one_language(building: Building, language: str, words: str):
    proof = building.get(f"/sign-in?lang={language}").cookies[FORM]
    cookies = {FORM: proof, "motcua-language": language}
    data = {"form": proof, "name": '"><script>', "password": "x"}
    answer = building.send("POST", "/sign-in", cookies, data=data)
    assert answer.status_code == 401
    assert words in answer.text
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
