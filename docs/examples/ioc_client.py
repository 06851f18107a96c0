"""Follows the figures in all three ways, pull, push and stream, and keeps what it holds in a file.

python ioc_client.py --url http://127.0.0.1:8000 --listen 9000 --state held.json

The key comes from IOC_KEY and the webhook's secret from IOC_WEBHOOK_SECRET. Whatever dies
meanwhile, API, worker or database: it goes on when they are back, and holds what the API says.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

TOLERANCE_S = 300
"""A message whose clock is further from ours is refused: somebody may send an old one again."""

Reading = dict[str, Any]


class Held:
    """What is held by each way: readings by scope and KPI; written to a file at each change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.pull: dict[str, Reading] = {}
        self.push: dict[str, dict[str, Any]] = {}
        self.stream: dict[str, Reading] = {}
        self.revision: int | None = None

    def pulled(self, rows: list[Reading]) -> None:
        """Replace everything by what was fetched."""
        self._keep(lambda: setattr(self, "pull", {_key(row): row for row in rows}))

    def pushed(self, entries: list[dict[str, Any]]) -> None:
        """Keep the newest entry of each scope."""

        def take() -> None:
            for entry in entries:
                known = self.push.get(entry["scope"])
                if known is None or known["revision"] < entry["revision"]:
                    self.push[entry["scope"]] = entry

        self._keep(take)

    def streamed(self, update: dict[str, Any]) -> None:
        """Apply an update: one without `since` replaces everything."""

        def take() -> None:
            if "since" not in update:
                self.stream = {}
            for reading in update.get("readings", ()):
                self.stream[_key(reading)] = reading
            for kpi, scopes in update.get("observed", {}).items():
                for scope, observed_at in scopes.items():
                    self.stream[f"{scope} {kpi}"]["observed_at"] = observed_at
            self.revision = update["revision"]

        self._keep(take)

    def _keep(self, take: Callable[[], None]) -> None:
        with self._lock:
            take()
            pushed = {
                _key(reading): reading
                for entry in self.push.values()
                for reading in entry["readings"]
            }
            held = {"pull": self.pull, "push": pushed, "stream": self.stream}
            written = self._path.with_suffix(".new")
            written.write_text(json.dumps(held), encoding="utf-8")
            written.replace(self._path)


def _key(reading: Reading) -> str:
    return f"{reading['scope']} {reading['kpi']}"


def pull(client: httpx.Client, held: Held, every_s: float) -> None:
    """Fetch the figures of today again and again."""
    while True:
        try:
            rows = []
            for by in ("", "&by=unit"):
                answer = client.get(f"/api/v1/ioc/figures?period=day{by}")
                answer.raise_for_status()
                rows += answer.json()["figures"]
            held.pulled(rows)
        except (httpx.HTTPError, ValueError) as error:
            print(f"pull: {error}", flush=True)
        time.sleep(every_s)


def stream(client: httpx.Client, held: Held) -> None:
    """Follow the stream, and come back with the revision that is held."""
    while True:
        headers = {} if held.revision is None else {"Last-Event-ID": str(held.revision)}
        try:
            with client.stream("GET", "/api/v1/events", headers=headers) as answer:
                answer.raise_for_status()
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        held.streamed(json.loads(line[6:]))
        except (httpx.HTTPError, ValueError) as error:
            print(f"stream: {error}", flush=True)
        time.sleep(0.5)


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
    """Return whether a message is signed with the secret, just now (Standard Webhooks)."""
    sent_at = headers.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(now_s - int(sent_at)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(each.encode(), expected.encode()) for each in given)


def receive(port: int, secret: str, held: Held) -> None:
    """Take what is sent; what is not signed is refused."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            valid = verify(secret, headers, body, time.time())
            if valid:
                held.pushed(json.loads(body)["data"]["entries"])
            self.send_response(204 if valid else 401)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main() -> None:
    """Follow until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--every", type=float, default=10.0, help="Seconds between pulls.")
    options = parser.parse_args()
    held = Held(options.state)
    key = os.environ.get("IOC_KEY")
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=options.url, headers=headers, timeout=15) as client:
        following = (
            threading.Thread(target=pull, args=(client, held, options.every), daemon=True),
            threading.Thread(target=stream, args=(client, held), daemon=True),
        )
        for thread in following:
            thread.start()
        receive(options.listen, os.environ["IOC_WEBHOOK_SECRET"], held)


if __name__ == "__main__":
    main()
