"""Starts the product's own processes for tests, and shows their log when one does not behave."""

from __future__ import annotations

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

STOP_S = 30.0

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))

# Below the ports that the system itself gives to connections and to whoever asks for port 0: one
# of those may be taken again before the process that is to listen on it has started. Each worker
# of pytest-xdist has ports of its own.
_OURS = range(20_000 + _WORKER, 32_000, _WORKERS)
_PORTS = itertools.cycle(random.SystemRandom().sample(_OURS, len(_OURS)))


def free_port() -> int:
    """Return a TCP port on the loopback that is free, and that no other test of this run gets."""
    return next(filter(_is_free, _PORTS))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Motcua:
    """One `motcua …` process in its own process group; its output goes to `log`."""

    def __init__(self, *args: str, log: Path, env: Mapping[str, str] | None = None) -> None:
        self.args = args
        self.log = log
        self._env = {**os.environ, "MOTCUA_LOG_FORMAT": "json", **(env or {})}
        self.start()

    def start(self) -> None:
        """Start the process, or start it again after a kill."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "motcua.cli", *self.args],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self._env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """Kill the process as a power cut would: SIGKILL, no chance to tidy up."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_S)

    def stop(self) -> int:
        """Ask the process to stop and return its exit code."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_S)

    def output(self) -> str:
        """Return what the process has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def motcua(*args: str, log: Path, env: Mapping[str, str] | None = None) -> Iterator[Motcua]:
    """Run `motcua ARGS` while the block runs; kill it if it does not stop by itself."""
    process = Motcua(*args, log=log, env=env)
    try:
        yield process
    finally:
        try:
            process.stop()
        except subprocess.TimeoutExpired:
            process.kill()
