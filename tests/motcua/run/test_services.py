"""Supervision: what crashed starts again, with growing pauses, and each crash is one line."""

from __future__ import annotations

import signal
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from motcua.errors import DatabaseFailed
from motcua.run.parts import Idle, Part, Stage
from motcua.run.services import CALM_S, LONGEST_PAUSE_S, REPEAT_S, PartService, Supervised


class Flickering:
    """A service whose end a test decides."""

    def __init__(self, log_file: Path) -> None:
        self.log_file = log_file
        self.starts = 0
        self.code: int | None = None
        self.refuses = False

    def start(self) -> None:
        """Start, unless told to refuse."""
        if self.refuses:
            raise DatabaseFailed("the disk is full")
        self.starts += 1
        self.code = None

    def exit_code(self) -> int | None:
        """The code a test has set."""
        return self.code


@pytest.fixture
def service(tmp_path: Path) -> Flickering:
    return Flickering(tmp_path / "part.log")


@pytest.fixture
def supervised(service: Flickering) -> Supervised:
    found = Supervised(service, name="api", stage=Stage.SERVER)
    found.start(0.0)
    return found


def test_running_service_is_left_alone(supervised: Supervised, service: Flickering) -> None:
    assert supervised.look(1.0) == []
    assert service.starts == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-signal.SIGKILL, "api was killed by SIGKILL; it starts again in 1 s"),
        (1, "api ended with code 1: no such file; it starts again in 1 s"),
        (0, "api ended; it starts again in 1 s"),
    ],
)
def test_crash_is_one_line_and_starts_again(
    supervised: Supervised, service: Flickering, code: int, said: str
) -> None:
    service.log_file.write_text("Traceback\nError: no such file\n")
    service.code = code
    assert supervised.look(10.0) == [said]
    assert supervised.look(10.5) == []
    assert service.starts == 1
    assert supervised.look(11.0) == []
    assert (service.starts, supervised.restarts) == (2, 1)


def test_pauses_double_up_to_a_cap_and_shrink_after_calm(
    supervised: Supervised, service: Flickering
) -> None:
    pauses, now_s = [], 0.0
    for _ in range(7):
        service.code = 1
        (line,) = supervised.look(now_s)
        pause_s = float(line.split()[-2])
        pauses.append(pause_s)
        now_s += pause_s
        supervised.look(now_s)
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    service.code = 1
    (line,) = supervised.look(now_s + CALM_S + 1)
    assert line.endswith("starts again in 1 s")


def test_same_reason_of_a_crash_is_told_once_a_minute(
    supervised: Supervised, service: Flickering
) -> None:
    def crash(now_s: float, reason: str) -> list[str]:
        service.log_file.write_text(f"Error: {reason}\n")
        service.code = 1
        lines = supervised.look(now_s)
        supervised.look(now_s + LONGEST_PAUSE_S)
        return lines

    said = [crash(now_s, "no camera") for now_s in (0.0, 40.0, 80.0)]
    assert [len(lines) for lines in said] == [1, 0, 1]
    assert len(crash(120.0, "no disk")) == 1
    assert service.starts == 5


def test_start_that_fails_is_tried_again(supervised: Supervised, service: Flickering) -> None:
    service.code, service.refuses = -9, True
    supervised.look(0.0)
    assert supervised.look(1.0) == ["api did not start: the disk is full; next try in 2 s"]
    service.refuses = False
    assert supervised.look(3.0) == []
    assert service.starts == 2


def test_part_that_rests_says_why_in_one_line(service: Flickering) -> None:
    idle = Idle(event="off", because="all else runs")
    supervised = Supervised(service, name="watch", stage=Stage.DEVICES, idle=idle)
    supervised.start(0.0)
    service.log_file.write_text('{"level": "warning", "event": "off", "problem": "no model"}\n')
    assert supervised.look(0.0) == ["watch: no model (all else runs)"]


def test_same_warning_is_shown_once_a_minute(supervised: Supervised, service: Flickering) -> None:
    warning = '{"level": "warning", "event": "broker_away"}\n'
    service.log_file.write_text(warning)
    assert supervised.look(0.0) == ["api: broker_away"]
    service.log_file.write_text(warning * 2)
    assert supervised.look(1.0) == []
    service.log_file.write_text(warning * 3)
    assert supervised.look(REPEAT_S + 1) == ["api: broker_away"]


def test_part_is_asked_without_the_users_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        part = Part(name="api", says="API", stage=Stage.SERVER, arguments=(), ready_url=url)
        service = PartService(part, log=tmp_path / "log", folder=tmp_path, environment={})
        ready = service.ready()
        server.shutdown()
    assert ready
