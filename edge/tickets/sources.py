"""Where calls come from: a serial line, HTTP requests, or a page that is read again and again."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import structlog

from edge.settings import TicketSettings
from edge.tickets.frames import Call, FrameReader, Layout
from runtime.backoff import Backoff
from runtime.errors import SettingInvalid

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
READ_TIMEOUT_S = 0.5
MAX_BODY_BYTES = 16_384
MAX_PAGE_BYTES = 1_000_000

OnCall = Callable[[Call], None]
OnProblem = Callable[[str], None]
"""Told why no calls can come, and told "" when they can again."""

log = structlog.get_logger()


def read_serial(
    settings: TicketSettings,
    layout: Layout,
    stop: threading.Event,
    on_call: OnCall,
    on_problem: OnProblem,
) -> None:
    """Read a serial line until `stop`; one that is pulled out is opened again when it is back."""
    try:
        import serial
    except ImportError as error:
        raise SettingInvalid(
            "[tickets] source is serial, but pyserial is not installed: apt install "
            "python3-serial, or pip install motcua[serial]"
        ) from error
    reader, backoff = FrameReader(layout), Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
    while not stop.is_set():
        try:
            with serial.Serial(settings.port, settings.baud, timeout=READ_TIMEOUT_S) as line:
                log.info("line_open", port=settings.port, baud=settings.baud)
                backoff.reset()
                on_problem("")
                while not stop.is_set():
                    for call in reader.feed(line.read(max(1, line.in_waiting))):
                        on_call(call)
        # pyserial lets some of the system's and termios' own errors through.
        except (serial.SerialException, OSError, TypeError) as error:
            reader.reset()
            on_problem(f"serial line {settings.port}: {error}; check the cable")
            stop.wait(backoff.next_s())


def poll_page(
    settings: TicketSettings,
    layout: Layout,
    stop: threading.Event,
    on_call: OnCall,
    on_problem: OnProblem,
) -> None:
    """Read a page until `stop`; what is on it and was not at the last look has happened since.

    The layout's pattern is looked for anywhere in the page. What stands there at the first look is
    old and tells nothing.
    """
    backoff = Backoff(settings.every_s, max(settings.every_s, 60.0))
    before: set[Call] | None = None
    with httpx.Client(timeout=5.0) as client:
        while not stop.is_set():
            try:
                found = _calls_on(_page(client, settings.url), layout)
            except (httpx.HTTPError, ValueError) as error:
                on_problem(f"page {settings.url}: {error}")
                stop.wait(backoff.next_s())
                continue
            backoff.reset()
            on_problem("")
            for call in found:
                if before is not None and call not in before:
                    on_call(call)
            if found:  # an empty page is one that is just being written
                before = set(found)
            stop.wait(settings.every_s)


def _page(client: httpx.Client, url: str) -> str:
    content = b""
    with client.stream("GET", url) as response:
        response.raise_for_status()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_PAGE_BYTES:
                raise ValueError(f"longer than {MAX_PAGE_BYTES} bytes")
    return content.decode("utf-8", "replace")


def _calls_on(page: str, layout: Layout) -> list[Call]:
    found = (layout.call(match.groupdict()) for match in layout.pattern.finditer(page))
    return list(dict.fromkeys(call for call in found if call is not None))


def take_pushes(
    settings: TicketSettings,
    layout: Layout,
    stop: threading.Event,
    on_call: OnCall,
    on_problem: OnProblem,
) -> None:
    """Take HTTP requests until `stop`: POST with {"number", "counter", "event", "service"}.

    Raises SettingInvalid where the port is taken.
    """
    handler = type("Pushes", (_Pushes,), {"layout": layout, "token": settings.token})
    handler.on_call = staticmethod(on_call)  # type: ignore[attr-defined]
    try:
        server = ThreadingHTTPServer((settings.listen_host, settings.listen_port), handler)
    except OSError as error:
        raise SettingInvalid(
            f"[tickets] listen_port {settings.listen_port}: {error.strerror}; name another one"
        ) from error
    with server:
        log.info("push_listens", port=server.server_port)
        on_problem("")
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        stop.wait()
        server.shutdown()
        thread.join()


class _Pushes(BaseHTTPRequestHandler):
    """Answers 204 for a call, 400 for what is none, 401 without the token."""

    layout: Layout
    token: str
    on_call: OnCall
    timeout = 5.0

    def do_POST(self) -> None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            self._answer(401, "give the token of [tickets] after Authorization: Bearer")
            return
        try:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length) if 0 < length <= MAX_BODY_BYTES else b""
            call = self._call(json.loads(body))
        except (ValueError, TimeoutError):
            call = None
        if call is None:
            events = ", ".join(self.layout.events)
            self._answer(400, f'send {{"number": "A012", "event": one of {events}}}')
            return
        type(self).on_call(call)
        self._answer(204, "")

    def log_message(self, *_: object) -> None:
        """Say nothing: calls are logged where they are stored."""

    def _call(self, said: object) -> Call | None:
        if not isinstance(said, dict):
            return None
        parts = {
            name: str(said[name]) if said.get(name) is not None else None
            for name in ("number", "event", "counter", "service")
        }
        return self.layout.call(parts)

    def _answer(self, code: int, text: str) -> None:
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)
