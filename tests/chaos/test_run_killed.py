"""`motcua run` through taken ports, crashes and SIGKILL: it says what happens and starts again."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from motcua.local.ports import answers
from tests.processes import Motcua, free_port
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.integration, pytest.mark.timeout(300)]

_UP = "Ctrl-C"
_UP_S = 120.0
_STOP_S = 30.0
_NOTICED_S = 30.0


class Run:
    """`motcua run` on one data folder, started as often as a test likes."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.kiosk_port, self.api_port, self.dashboards_port = (free_port() for _ in range(3))
        self.broker_port = free_port()
        self._arguments = (
            "run", "--data", str(self.data), "--camera", "none", "--empty",
            "--api-port", str(self.api_port), "--dashboards-port", str(self.dashboards_port),
            "--kiosk-port", str(self.kiosk_port), "--broker-port", str(self.broker_port),
        )  # fmt: skip
        self._folder = folder
        self._starts = 0
        self.process: Motcua | None = None

    def launch(self, *more: str) -> Motcua:
        """Start it and return at once."""
        self._starts += 1
        log = self._folder / f"run-{self._starts}.log"
        self.process = Motcua(*self._arguments, *more, log=log)
        return self.process

    def start(self, *more: str) -> Motcua:
        """Start it and wait until it prints its addresses."""
        process = self.launch(*more)
        eventually(lambda: _UP in process.output() or not process.running, _UP_S, what="motcua run")
        assert _UP in process.output(), process.output()
        return process

    def database_url(self) -> str:
        """The address that the run wrote down."""
        return (self.data / "database-url").read_text().strip()

    def tree(self) -> list[psutil.Process]:
        """The supervisor and everything below it, the database's own processes included."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    found = Run(tmp_path)
    yield found
    if found.process is not None and found.process.running:
        _kill(found.tree())


def _kill(processes: list[psutil.Process]) -> None:
    """Kill all that are still there: the death of one may end another."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _seen(look: Callable[[], Any]) -> Any:
    """What `look` sees of a process, None when it has just ended: a database's come and go."""
    with suppress(psutil.NoSuchProcess):
        return look()
    return None


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [
        p
        for p in processes
        if p.is_running() and _seen(p.status) not in {None, psutil.STATUS_ZOMBIE}
    ]


def _write(url: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")


def _read(url: str) -> int:
    with closing(psycopg.connect(url)) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def _part(run: Run, *words: str) -> psutil.Process:
    """The running part whose command line contains `words`."""
    (found,) = [p for p in run.tree() if set(words) <= set(_seen(p.cmdline) or ())]
    return found


def test_taken_port_second_run_crash_and_clean_stop(run: Run) -> None:
    with socket.create_server(("127.0.0.1", run.dashboards_port)):
        process = run.start()
        moved = re.search(rf"port {run.dashboards_port} is taken: .* uses (\d+)", process.output())
        assert moved, process.output()
        assert httpx.get(f"http://127.0.0.1:{moved[1]}/healthz", timeout=5).is_success

    second = Motcua(*process.args, log=run.data / "second.log")
    eventually(lambda: not second.running, 30)
    assert second.exit_code == 1
    assert f"is in use by process {process.pid}" in second.output()

    _part(run, "api").kill()
    said = "api was killed by SIGKILL; it starts again"
    eventually(lambda: said in process.output(), _NOTICED_S, what=said)
    health = f"http://127.0.0.1:{run.api_port}/healthz"
    eventually(lambda: httpx.get(health, timeout=5).is_success, 60, retry=httpx.HTTPError)

    tree = run.tree()
    os.kill(process.pid, signal.SIGINT)
    eventually(lambda: not process.running, _STOP_S, what="the clean stop")
    assert process.exit_code == 0, process.output()
    assert "stopped" in process.output()
    assert not _alive(tree)


def test_killed_database_and_broker_come_back(run: Run) -> None:
    process = run.start()
    _write(run.database_url())
    for name in ("postgres", "mosquitto"):
        (found,) = [p for p in run.tree() if _seen(p.name) == name and _seen(p.ppid) == process.pid]
        found.kill()
    for name in ("database", "broker"):
        said = f"{name} was killed by SIGKILL; it starts again"
        eventually(lambda said=said: said in process.output(), _NOTICED_S, what=said)
    eventually(lambda: _read(run.database_url()) == 7, 60, retry=psycopg.OperationalError)
    eventually(lambda: answers(run.broker_port), 60, what="the broker's port")
    assert process.stop() == 0, process.output()


def kill_supervisor(run: Run) -> list[psutil.Process]:
    """What runs ends by itself once its supervisor is gone."""
    assert run.process is not None
    tree = run.tree()
    run.process.kill()
    eventually(lambda: not _alive(tree), _STOP_S, what="the end of every part")
    return tree


def kill_supervisor_of_a_suspended_part(run: Run) -> list[psutil.Process]:
    """A suspended part cannot act on its supervisor's death: the next start ends it."""
    assert run.process is not None
    relay = _part(run, "relay")
    relay.suspend()
    run.process.kill()
    return [relay]


def kill_everything(run: Run) -> list[psutil.Process]:
    """The whole tree is killed at once, as by a power cut."""
    assert run.process is not None
    process, tree = run.process, run.tree()
    _kill(tree)
    eventually(lambda: not process.running and not _alive(tree), _STOP_S)
    return tree


def test_killed_run_leaves_nothing_behind_and_its_data_are_kept(run: Run) -> None:
    run.start()
    _write(run.database_url())
    for kill in (kill_supervisor, kill_supervisor_of_a_suspended_part, kill_everything):
        killed = kill(run)
        process = run.start()
        assert not _alive(killed), kill.__name__
        assert "is taken" not in process.output(), kill.__name__
        assert _read(run.database_url()) == 7, kill.__name__
    assert process.stop() == 0, process.output()


def test_unusable_data_folder_is_one_line(run: Run) -> None:
    run.data.write_text("a file, not a folder")
    process = run.launch()
    eventually(lambda: not process.running, 30)
    assert process.exit_code == 1
    assert re.fullmatch(
        r"Error: data folder .*: choose another one with --data\n", process.output()
    )
