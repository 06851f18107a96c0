"""A receiver of webhooks that behaves as a test wants, and verifies what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`answers` are given in turn, the last one from then on: a status, or seconds to hang."""

    answers: list[int | float] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    address: str = ""
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    signatures: list[tuple[str, int, str, bytes]] = field(default_factory=list)

    def take(self, message: str, body: bytes) -> None:
        """Hold the newest entry of each scope, as docs/ioc.md tells receivers to."""
        told = json.loads(body)
        self.got.append((message, told))
        for entry in told["data"]["entries"]:
            known = self.held.get(entry["scope"])
            if known is None or known["revision"] < entry["revision"]:
                self.held[entry["scope"]] = entry

    def verifies(self, secret: str) -> bool:
        """Return whether everything that came was signed with `secret`, just now."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        return bool(self.signatures) and all(
            abs(time.time() - sent_at) < 300
            and any(
                hmac.compare_digest(
                    each,
                    "v1,"
                    + base64.b64encode(
                        hmac.digest(key, f"{message}.{sent_at}.".encode() + body, hashlib.sha256)
                    ).decode(),
                )
                for each in signed.split(" ")
            )
            for message, sent_at, signed, body in self.signatures
        )


@contextmanager
def receiving(*answers: float, **headers: str) -> Iterator[Receiver]:
    """Give a receiver on loopback."""
    receiver = Receiver(answers=list(answers) or [204], headers=headers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            message = self.headers["webhook-id"]
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            if isinstance(answer, float):
                time.sleep(answer)
                return
            receiver.signatures.append(
                (
                    message,
                    int(self.headers["webhook-timestamp"]),
                    self.headers["webhook-signature"],
                    body,
                )
            )
            if answer < 300:
                receiver.take(message, body)
            self.send_response(answer)
            for name, value in receiver.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.address = f"http://127.0.0.1:{server.server_port}/figures"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
