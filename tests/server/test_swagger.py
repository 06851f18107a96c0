"""The API's documentation opens where there is no internet."""

from __future__ import annotations

import re

import httpx

from server.app import create_app
from tests.coroutines import run


def get(path: str) -> httpx.Response:
    """Ask an API that has not started: its documentation needs no database."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_app("postgresql://127.0.0.1/motcua"))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.get(path)

    return run(ask())


def test_the_page_asks_nothing_of_other_hosts() -> None:
    page = get("/docs").text
    addresses = re.findall(r"""(?:href|src|url)\s*[=:]\s*["']([^"']+)""", page)
    assert "/openapi.json" in addresses
    assert len(addresses) == 4
    assert "://" not in page
    for address in addresses:
        assert get(address).is_success


def test_the_files_have_the_types_that_browsers_insist_on() -> None:
    for name, kind in (("swagger-ui-bundle.js", "javascript"), ("swagger-ui.css", "text/css")):
        assert kind in get(f"/docs-files/{name}").headers["content-type"]


def test_there_is_no_second_page_that_needs_the_internet() -> None:
    assert get("/redoc").status_code == 404
