"""A web receiver and a mail server on loopback that behave as a test wants."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """`answers` are given in turn, the last one from then on: a status, or seconds to hang.

    `taken` are the bodies that were answered with 200, and when by the monotonic clock. A status
    is given after `slow_s`.
    """

    answers: list[int | float]
    address: str = ""
    slow_s: float = 0.0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: list[tuple[float, bytes]] = field(default_factory=list)


@contextmanager
def web(*answers: float) -> Iterator[Web]:
    """Give a web receiver."""
    receiver = Web(answers=list(answers) or [200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            if isinstance(answer, float):
                time.sleep(answer)
                return
            time.sleep(receiver.slow_s)
            receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            if answer == 200:
                receiver.taken.append((time.monotonic(), body))
            self.send_response(answer)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.address = f"http://127.0.0.1:{server.server_port}/"
    with _serving(server):
        yield receiver


@dataclass
class Mail:
    """`answers` to a message's end, in turn: SMTP codes, or seconds to hang.

    The first greeting takes `slow_s`; `ended` is set once that client has gone.
    """

    answers: list[int | float]
    address: str = ""
    got: list[str] = field(default_factory=list)
    slow_s: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)


class _MailHandler(socketserver.StreamRequestHandler):
    into: Mail

    def handle(self) -> None:
        slow_s, self.into.slow_s = self.into.slow_s, 0.0
        time.sleep(slow_s)
        self._say("220 here")
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"QUIT":
                self._say("221 bye")
                return
            if command == b"DATA":
                self._say("354 go on")
                self._take(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            else:
                self._say("250 ok")

    def finish(self) -> None:
        super().finish()
        self.into.ended.set()

    def _take(self, message: str) -> None:
        answers = self.into.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, float):
            time.sleep(answer)
            return
        if answer == 250:
            self.into.got.append(message)
        self._say(f"{answer} done")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail(*answers: float) -> Iterator[Mail]:
    """Give a mail server that speaks as much SMTP as a client needs."""
    box = Mail(answers=list(answers) or [250])

    class Handler(_MailHandler):
        into = box

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.address = f"smtp://127.0.0.1:{server.server_address[1]}"
    with _serving(server):
        yield box


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
