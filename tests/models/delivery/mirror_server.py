"""A real HTTP server over a folder that can be told to break off, or to hide the length."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(kw_only=True)
class MirrorServer:
    """What the server does next, and what it was asked for."""

    folder: Path
    address: str = ""
    breaks_after: list[int] = field(default_factory=list)
    """One entry for each coming answer with weights: it ends after so many bytes."""
    stalls_after: int | None = None
    """After so many bytes of weights nothing more comes, until the server ends."""
    says_length: bool = True
    statuses: list[int] = field(default_factory=list)
    """One entry for each coming answer with weights: this status and nothing else."""
    ended: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    """The path of each request."""


@contextmanager
def serving(folder: Path) -> Iterator[MirrorServer]:
    """Serve `folder` at `address` while the block runs."""
    state = MirrorServer(folder=folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self, state)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, state: MirrorServer) -> None:
    handler.close_connection = True
    state.asked.append(handler.path)
    path = state.folder / handler.path.lstrip("/")
    is_weights = path.suffix == ".onnx"
    if is_weights and state.statuses:
        return send_status(handler, state.statuses.pop(0))
    if not path.is_file():
        return send_status(handler, 404)
    content = path.read_bytes()
    handler.send_response(200)
    if state.says_length:
        handler.send_header("Content-Length", str(len(content)))
    handler.send_header("Connection", "close")
    handler.end_headers()
    if is_weights and state.breaks_after:
        content = content[: state.breaks_after.pop(0)]
    if is_weights and state.stalls_after is not None:
        handler.wfile.write(content[: state.stalls_after])
        state.ended.wait()
        return None
    handler.wfile.write(content)
    return None


def send_status(handler: BaseHTTPRequestHandler, status: int) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
