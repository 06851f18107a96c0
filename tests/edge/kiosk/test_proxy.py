"""The rating page behind a reverse proxy that nobody has told anything."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Page, expect

from edge.store.outbox import Outbox
from tests.processes import Motcua

from .pages import ratings

pytestmark = [pytest.mark.browser, pytest.mark.acceptance]


class _PlainProxy(BaseHTTPRequestHandler):
    """Passes requests on as a proxy does that nobody has told to keep the Host header."""

    upstream: str

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kept = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        answer = httpx.request(self.command, self.upstream + self.path, headers=kept, content=body)
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)


@contextmanager
def plain_proxy(kiosk: Motcua) -> Iterator[str]:
    upstream = str(json.loads(kiosk.output().splitlines()[0])["url"])
    handler = type("Proxy", (_PlainProxy,), {"upstream": upstream})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_page_rates_behind_a_plain_proxy(page: Page, kiosk: Motcua, outbox: Outbox) -> None:
    with plain_proxy(kiosk) as address:
        page.goto(address)
        page.locator('[data-score="5"]').tap()
        expect(page.locator("#thanks")).to_be_visible()
        assert [rating.score for rating in ratings(outbox)] == [5]
        page.goto("about:blank")
