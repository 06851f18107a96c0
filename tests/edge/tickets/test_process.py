"""The adapter with a real serial line (a pseudo-terminal), real HTTP requests and a real page."""

from __future__ import annotations

import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import httpx
import pytest

from contract.codec import decode
from contract.messages import PromptOpener, Ticket, TicketEvent
from edge.kiosk.app import make_presentation
from edge.sections import KioskSettings
from edge.settings import EdgeSettings
from edge.store.outbox import Outbox, ProcessName
from edge.tickets.process import adapt
from tests.waiting import eventually

from .test_frames import frame

TOKEN = "a-token-of-the-machine"
COUNTERS = {"1": "counter-1", "2": "quay-2"}


@contextmanager
def adapting(outbox: Outbox, **tickets: object) -> Iterator[None]:
    settings = EdgeSettings(tickets={"counters": COUNTERS, "asks": True, **tickets})
    stop = threading.Event()
    thread = threading.Thread(target=adapt, args=(settings, outbox, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        yield outbox


def tickets(outbox: Outbox) -> list[tuple[str, TicketEvent, str | None]]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [(m.number, m.event, m.counter) for m in messages if isinstance(m, Ticket)]


class Cable:
    """A serial cable between the machine and the unit, which can be pulled out and put back."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self.plug()

    def plug(self) -> None:
        self._machine, self._unit = pty.openpty()
        tty.setraw(self._unit)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(os.ttyname(self._unit))

    def send(self, content: bytes) -> None:
        os.write(self._machine, content)

    def pull(self) -> None:
        os.close(self._unit)
        os.close(self._machine)


def test_serial_line_survives_garbage_half_frames_and_a_pulled_cable(outbox, tmp_path):
    cable = Cable(tmp_path / "line")
    with adapting(outbox, source="serial", layout="framed", port=str(tmp_path / "line")):
        noisy = b"\xff\x00" + frame("A001", "01") + frame("A001", "01") + frame("A002", "02")[:5]
        eventually(lambda: _arrives(1, cable, outbox, noisy), 20)
        cable.pull()
        cable.plug()
        eventually(lambda: _arrives(2, cable, outbox, frame("A003", "02")), 20)
        cable.send(frame("A009", "77"))  # a counter of another office
        cable.send(frame("A001", "01", "E"))
        eventually(lambda: len(tickets(outbox)) == 3, 20)
    cable.pull()
    assert tickets(outbox) == [
        ("A001", TicketEvent.CALLED, None),
        ("A003", TicketEvent.CALLED, "quay-2"),
        ("A001", TicketEvent.SERVED, None),
    ]
    shown = make_presentation(outbox, device="edge-1", settings=KioskSettings())
    state = shown.state(now=datetime.now(UTC))
    assert state.called == "A001"
    assert state.prompt is not None
    assert state.prompt.opened_by is PromptOpener.TICKET_TERMINAL


def _arrives(number: int, cable: Cable, outbox: Outbox, content: bytes) -> bool:
    """Repeat what machines repeat, as long as nobody has opened the line."""
    if len(tickets(outbox)) < number:
        cable.send(content)
    return len(tickets(outbox)) >= number


def test_missing_line_is_reported_until_it_is_there(outbox, tmp_path):
    def problems() -> list[str]:
        found = outbox.statuses().get(ProcessName.TICKETS)
        return [] if found is None else [one.code for one in found.status.problem_reports]

    with adapting(outbox, source="serial", port=str(tmp_path / "line")):
        eventually(lambda: problems() == ["tickets_away"], 20)
        cable = Cable(tmp_path / "line")
        eventually(lambda: problems() == [], 20)
    cable.pull()


def test_pushed_calls_need_the_token_and_sense(outbox):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    call = {"number": "B7", "counter": "2", "event": "CALL"}
    mine = {"Authorization": f"Bearer {TOKEN}"}
    with adapting(outbox, source="push", token=TOKEN, listen_port=port):
        eventually(lambda: httpx.get(url).status_code == 501, 20, retry=httpx.TransportError)
        assert httpx.post(url, json=call).status_code == 401
        for wrong in ([], {"number": "B7"}, {**call, "event": "DANCE"}, {**call, "number": ""}):
            assert httpx.post(url, json=wrong, headers=mine).status_code == 400
        assert httpx.post(url, content=b"\xff", headers=mine).status_code == 400
        assert httpx.post(url, json=call, headers=mine).status_code == 204
    assert tickets(outbox) == [("B7", TicketEvent.CALLED, "quay-2")]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_polled_page_tells_what_is_new_on_it(outbox, tmp_path):
    page, numbers = tmp_path / "page.txt", count(2)
    page.write_text("<p>A1;1;CALL</p>", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    url = f"http://127.0.0.1:{server.server_port}/page.txt"
    try:
        with adapting(outbox, source="poll", url=url, every_s=0.5):
            eventually(lambda: ProcessName.TICKETS in outbox.statuses(), 20)

            def appears() -> bool:
                called = f"<p>A1;1;CALL</p><p>A{next(numbers)};2;CALL</p>"
                (tmp_path / "next").write_text(called, encoding="utf-8")
                (tmp_path / "next").replace(page)
                return bool(tickets(outbox))

            eventually(appears, 20)
    finally:
        server.shutdown()
        server.server_close()
    assert tickets(outbox)[0][1:] == (TicketEvent.CALLED, "quay-2")
    assert "A1" not in [number for number, *_ in tickets(outbox)]
