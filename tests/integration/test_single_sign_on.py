"""Single sign-on against a provider that others wrote: npm's oidc-provider as a process."""

from __future__ import annotations

import hmac
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64encode
from pydantic import SecretStr

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from server.access.provider import Provider
from server.access.settings import SingleSignOnSettings
from server.errors import ProviderAway, SignInRefused
from tests.coroutines import run
from tests.dashboards.stand_in import Served, served
from tests.processes import free_port, motcua
from tests.server.access.office import OWN, settle
from tests.waiting import eventually

pytestmark = pytest.mark.integration

FOLDER = Path(__file__).resolve().parent.parent / "provider"
BACK = "http://127.0.0.1:8050"
ACCOUNTS = {
    "lan": {"preferred_username": "lan", "name": "Nguyễn Thị Lan", "groups": ["leaders"]},
    "tu": {"preferred_username": "tu", "groups": ["cleaners"]},
}
SECRET = "a secret of the test's own client"


def require_provider() -> str:
    """Return node's path; skip the test, in CI fail it, where node or the provider is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and not (FOLDER / "node_modules").is_dir():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=False, timeout=300)
    if node is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        report = pytest.fail if os.environ.get("CI", "").lower() in {"1", "true"} else pytest.skip
        report("oidc-provider is not installed: apt install nodejs npm")
    return node


def keys(*kinds: str) -> dict[str, Any]:
    made = [
        RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
        if kind == "RSA"
        else ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)
        for kind in kinds
    ]
    return {"keys": [key.as_dict(private=True) for key in made]}


@dataclass(kw_only=True)
class Running:
    """The provider's process and its settings; it can be started again with others."""

    settings: dict[str, Any]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.settings['port']}"

    def start(self) -> None:
        node = require_provider()
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [node, "provider.mjs"], cwd=FOLDER, stdout=output, stderr=output,
                env={**os.environ, "PROVIDER": json.dumps(self.settings)},
            )  # fmt: skip
        eventually(lambda: b"listening" in self.log.read_bytes(), 60, what="the provider")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def provider(tmp_path: Path, dashboards: str = BACK, **more: Any) -> Iterator[Running]:
    require_provider()
    settings = {
        "port": free_port(), "redirect_uri": f"{dashboards}/sign-in/answered",
        "after_logout": f"{dashboards}/sign-in", "accounts": ACCOUNTS, "keys": keys("RSA"), **more,
    }  # fmt: skip
    running = Running(settings=settings, log=tmp_path / "provider.log")
    running.start()
    try:
        yield running
    finally:
        running.stop()


def ours(running: Running, dashboards: str = BACK) -> SingleSignOnSettings:
    return SingleSignOnSettings(
        issuer=running.issuer, client_secret=SecretStr(SECRET), dashboards_url=dashboards
    )


def sign_in_there(address: str, login: str) -> dict[str, str]:
    """Sign in at the provider's own pages as a person does; return what it answers with."""
    with httpx.Client(follow_redirects=False, trust_env=False, timeout=30) as browser:
        answer = browser.get(address)
        for _ in range(12):
            while answer.is_redirect:
                onward = str(answer.next_request.url) if answer.next_request else ""
                if "/sign-in/answered" in onward:
                    query = parse_qs(urlsplit(onward).query)
                    return {name: values[0] for name, values in query.items()}
                answer = browser.get(onward)
            action = re.search(r'action="([^"]+)"', answer.text)
            assert action, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            data = {"prompt": prompt[1] if prompt else "login", "login": login, "password": "any"}
            answer = browser.post(str(answer.url.join(action[1])), data=data)
    raise AssertionError("the provider asks without end")


async def whole(settled: Provider, login: str = "lan") -> object:
    asked = await settled.ask()
    answer = sign_in_there(asked.address, login)
    assert answer["state"] == asked.state
    return await settled.person(
        code=answer["code"],
        issuer=answer.get("iss", ""),
        verifier=asked.verifier,
        nonce=asked.nonce,
    )


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_person_is_who_the_provider_says(tmp_path, kind):
    with provider(tmp_path, keys=keys("RSA", kind)) as running:
        person = run(whole(Provider(ours(running))))
    assert (person.name, person.full_name, person.groups) == ("lan", "Nguyễn Thị Lan", ("leaders",))


def test_exchanged_keys_are_found(tmp_path):
    with provider(tmp_path) as running:
        settled = Provider(ours(running), keys_again_s=0.0)

        async def story() -> None:
            await whole(settled)
            running.stop()
            running.settings["keys"] = keys("RSA")
            running.start()
            await whole(settled)

        run(story())


@pytest.mark.parametrize(("offset_s", "right"), [(-50, True), (50, True), (7200, False)])
def test_a_clock_that_is_a_little_wrong_does_no_harm(tmp_path, offset_s, right):
    with provider(tmp_path, clock_offset_s=offset_s) as running:
        if right:
            run(whole(Provider(ours(running))))
        else:
            with pytest.raises(SignInRefused):
                run(whole(Provider(ours(running))))


def test_a_provider_that_is_away_is_said(tmp_path):
    with provider(tmp_path) as running:
        settled = Provider(ours(running))

        async def story() -> None:
            asked = await settled.ask()
            answer = sign_in_there(asked.address, "lan")
            running.process.kill()
            running.process.wait(30)
            with pytest.raises(ProviderAway):
                await settled.person(
                    code=answer["code"], issuer=answer["iss"],
                    verifier=asked.verifier, nonce=asked.nonce,
                )  # fmt: skip
            with pytest.raises(ProviderAway):
                await Provider(ours(running)).ask()

        run(story())


@pytest.mark.parametrize("part", ["code", "verifier", "nonce", "iss"])
def test_an_answer_of_which_a_part_is_another_one_is_refused(tmp_path, part):
    with provider(tmp_path) as running:
        settled = Provider(ours(running))

        async def story() -> None:
            asked = await settled.ask()
            answer = sign_in_there(asked.address, "lan")
            given = {"code": answer["code"], "issuer": answer["iss"],
                     "verifier": asked.verifier, "nonce": asked.nonce}  # fmt: skip
            given["issuer" if part == "iss" else part] = "another" + "x" * 60
            with pytest.raises(SignInRefused):
                await settled.person(**given)

        run(story())


def test_a_code_works_once(tmp_path):
    with provider(tmp_path) as running:
        settled = Provider(ours(running))

        async def story() -> None:
            asked = await settled.ask()
            answer = sign_in_there(asked.address, "lan")
            given = {"code": answer["code"], "issuer": answer["iss"],
                     "verifier": asked.verifier, "nonce": asked.nonce}  # fmt: skip
            await settled.person(**given)
            with pytest.raises(SignInRefused):
                await settled.person(**given)

        run(story())


class Forger:
    """A provider that answers with whatever token a test has made."""

    def __init__(self, key: RSAKey, token: str, issuer: str) -> None:
        from fastapi import FastAPI

        self.app = FastAPI()
        about = {"issuer": issuer, "authorization_endpoint": f"{issuer}/auth",
                 "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/jwks"}  # fmt: skip
        self.app.add_api_route("/.well-known/openid-configuration", lambda: about)
        self.app.add_api_route("/jwks", lambda: {"keys": [key.as_dict(private=False)]})
        answer = {"access_token": "x", "token_type": "Bearer", "id_token": token}
        self.app.add_api_route("/token", lambda: answer, methods=["POST"])


def forged(key: RSAKey, how: str, claims: Mapping[str, Any]) -> str:
    """Return a token whose signature is none of the provider's key."""
    if how == "none":
        parts = (json.dumps({"alg": "none"}).encode(), json.dumps(claims).encode())
        return ".".join([urlsafe_b64encode(part).decode() for part in parts]) + "."
    if how == "public key as secret":
        header = {"alg": "HS256", "kid": key.kid}
        said = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
        mac = hmac.digest(key.as_pem(private=False), said, "sha256")
        return (said + b"." + urlsafe_b64encode(mac)).decode()
    other = RSAKey.generate_key(2048, auto_kid=True)
    header = {"alg": "RS256", "kid": key.kid, "jwk": other.as_dict(private=False)}
    return jwt.encode(header, dict(claims), other)


def answers_with(make: Callable[[RSAKey, dict[str, Any]], str]) -> object:
    """Return who the token stands for that `make` makes of a provider's key and right claims."""
    key = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
    port, now = free_port(), int(time.time())
    issuer = f"http://127.0.0.1:{port}"
    claims = {"iss": issuer, "aud": "motcua", "sub": "lan", "nonce": "n"}
    token = make(key, {**claims, "iat": now, "exp": now + 60})
    settings = SingleSignOnSettings(issuer=issuer, client_secret=SecretStr(SECRET))

    async def ask() -> object:
        return await Provider(settings).person(code="c", issuer="", verifier="v" * 43, nonce="n")

    with served(Served(Forger(key, token, issuer).app, port=port)):
        return run(ask())


def signed(key: RSAKey, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def test_a_right_token_is_taken():
    assert answers_with(signed).subject == "lan"


@pytest.mark.parametrize("how", ["none", "public key as secret", "key in its own header"])
def test_confused_algorithms_verify_nothing(how):
    with pytest.raises(SignInRefused):
        answers_with(lambda key, claims: forged(key, how, claims))


@pytest.mark.parametrize(
    "other",
    [{"exp": 1}, {"iss": "http://127.0.0.1:1"}, {"aud": "another"}, {"nonce": "another"},
     {"azp": "another"}, {"iat": 2**33}, {"sub": None}, {"exp": None}],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_a_token_that_is_foreign_or_over_is_refused(other):
    def make(key: RSAKey, claims: dict[str, Any]) -> str:
        changed = {name: value for name, value in (claims | other).items() if value is not None}
        return signed(key, changed)

    with pytest.raises(SignInRefused):
        answers_with(make)


def test_a_browser_signs_in_by_the_provider_and_out_of_it(database_url, tmp_path):
    settle(database_url)
    port, api_port = free_port(), free_port()
    dashboards, api = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{api_port}"
    with provider(tmp_path, dashboards) as running:
        groups = {"leaders": "province_leader", "heads": f"unit_head:{OWN}"}
        env = {
            "MOTCUA_OIDC_ISSUER": running.issuer, "MOTCUA_OIDC_CLIENT_SECRET": SECRET,
            "MOTCUA_OIDC_GROUPS": json.dumps(groups), "MOTCUA_OIDC_DASHBOARDS_URL": dashboards,
        }  # fmt: skip
        words = ("server", "api", "--database-url", database_url, "--port", str(api_port))
        settings = DashboardsSettings(api_url=api, plain_http=True)
        with (
            motcua(*words, log=tmp_path / "api.log", env=env),
            served(Served(create_app(settings), port=port)),
            httpx.Client(trust_env=False, timeout=30) as browser,
        ):
            healthy = f"{api}/healthz"
            eventually(lambda: httpx.get(healthy).is_success, 60, retry=httpx.HTTPError)
            assert "/sign-in/single-sign-on" in browser.get(f"{dashboards}/sign-in").text

            def answered(login: str) -> httpx.Response:
                begun = browser.get(f"{dashboards}/sign-in/single-sign-on")
                answer = sign_in_there(begun.headers["location"], login)
                return browser.get(f"{dashboards}/sign-in/answered", params=answer)

            refused = answered("tu")
            assert refused.status_code == 403
            assert "Chưa được phân quyền" in refused.text
            done = answered("lan")
            assert (done.status_code, done.headers["location"]) == (303, "/units")
            assert browser.get(f"{dashboards}/units").status_code == 200
            again = browser.get(str(done.request.url))
            assert again.status_code == 401  # an answer is good once
            shown = browser.get(f"{dashboards}/visitor").json()
            assert shown["label"] == "Nguyễn Thị Lan"
            out = browser.post(f"{dashboards}/sign-out", data={"form": shown["form"]})
            assert out.headers["location"].startswith(f"{running.issuer}/session/end")
            begun = browser.get(f"{dashboards}/sign-in/single-sign-on")
            stolen = sign_in_there(begun.headers["location"], "lan")
            with httpx.Client(trust_env=False) as other:
                other_browser = other.get(f"{dashboards}/sign-in/answered", params=stolen)
            assert other_browser.status_code == 401
