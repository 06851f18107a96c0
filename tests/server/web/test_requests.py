"""What every request passes: its id, its bounds, its rate, and what each answer says of safety."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import structlog

from server.app import ApiSettings, create_app
from server.web.limits import Bounded
from server.web.rates import Limited
from server.web.requests import Identified
from server.web.settings import WebSettings
from tests.coroutines import run

ANYWHERE = "postgresql://127.0.0.1/motcua"


async def echo(scope, receive, send) -> None:
    """Answer with the body of the request."""
    body = (await receive()).get("body", b"")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def fail(scope, receive, send) -> None:
    raise RuntimeError("a fault of ours")


def ask(app, *requests: dict) -> list[httpx.Response]:
    """Return the answers of an application, one after another."""

    async def work() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return [await client.request(**({"method": "GET", "url": "/"} | r)) for r in requests]

    return run(work())


def test_an_id_is_given_kept_or_made_anew():
    said = ["order-1", "x" * 65, "two words", "new\u00e9"]
    requests = [{"headers": {"X-Request-ID": each.encode()}} for each in said]
    kept, long, words, odd, none = ask(Identified(echo), *requests, {})
    assert kept.headers["x-request-id"] == "order-1"
    for answer in (long, words, odd, none):
        assert len(answer.headers["x-request-id"]) == 32


def test_a_fault_of_ours_is_logged_with_its_id_and_told_without_its_words():
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as logged:
        (answer,) = ask(Identified(fail), {"headers": {"X-Request-ID": "order-2"}})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "fault of ours" not in answer.text
    assert [(each["event"], each["request_id"]) for each in logged] == [
        ("request_failed", "order-2")
    ]


def test_answers_are_safe_in_a_browser_and_kept_by_nobody_between():
    (answer,) = ask(Identified(echo), {})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    (page,) = ask(Identified(echo), {"url": "/docs"})
    assert "content-security-policy" not in page.headers


@pytest.mark.parametrize("chunked", [True, False])
def test_bodies_that_are_too_large_never_reach_a_route(chunked):
    async def endless():
        for _ in range(11):
            yield b"x" * 100_000

    app = Bounded(echo, WebSettings(body_mb=1.0))
    content = endless() if chunked else b"x" * 1_100_000
    whole, refused = ask(
        app,
        {"method": "POST", "content": b"x" * 900_000},
        {"method": "POST", "content": content},
    )
    assert len(whole.content) == 900_000
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


def test_a_body_that_does_not_come_is_given_up():
    sent: list[dict] = []

    async def never() -> dict:
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")

    async def send(message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "query_string": b"",
        "headers": [(b"content-length", b"10")],
    }
    run(Bounded(fail, WebSettings(body_s=0.05))(scope, never, send))
    assert sent[0]["status"] == 408
    assert b"body_too_slow" in sent[1]["body"]


def test_who_asks_too_often_waits_and_others_do_not():
    now = [100.0]
    app = Limited(echo, WebSettings(rate=2, burst=3), clock=lambda: now[0])
    key = {"headers": {"Authorization": "Bearer mtk_one"}}
    answers = ask(app, *[key] * 4, {"headers": {"Authorization": "Bearer mtk_two"}}, {})
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 200, 200]
    refused = answers[3]
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("too_many_requests", "1")
    assert answers[0].headers["ratelimit"] == '"default";r=2;t=1'
    assert refused.headers["ratelimit-policy"] == '"default";q=3;w=2'
    now[0] += 0.5
    assert [answer.status_code for answer in ask(app, key, key)] == [200, 429]


def test_a_rate_of_zero_counts_nobody():
    (answer,) = ask(Limited(echo, WebSettings(rate=0)), {})
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize(
    ("origins", "allowed"), [((), None), (("https://a.example",), "https://a.example")]
)
def test_no_other_site_reads_the_api_unless_it_is_named(origins, allowed):
    read = ApiSettings.read()
    settings = ApiSettings(
        access=read.access,
        single_sign_on=read.single_sign_on,
        live=read.live,
        mirror=read.mirror,
        pool=read.pool,
        web=WebSettings(origins=origins),
    )
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    plain, before, foreign = ask(
        create_app(ANYWHERE, settings),
        {"url": "/openapi.json", "headers": {"Origin": "https://a.example"}},
        {"method": "OPTIONS", "url": "/api/v1/units", "headers": asked},
        {"url": "/openapi.json", "headers": {"Origin": "https://b.example"}},
    )
    assert plain.headers.get("access-control-allow-origin") == allowed
    assert before.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-origin" not in foreign.headers
