"""Ends what a test run started, once the run itself has ended, however it ended.

Every process that a run starts inherits an environment variable with the run's name. A guard, a
process of its own, waits for the end of the run, also by SIGKILL, and kills whatever still carries
the name: parts of the product, databases, browsers, suspended processes and their children.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
import uuid
from pathlib import Path

MARK = "TEST_RUNS"
"""The variable: names of runs, the outermost first, since a test may start a run of its own."""

_GUARD = Path(__file__).resolve()
_WORKER = "PYTEST_XDIST_WORKER"
_ROUND_S = 0.05


def guard_this_process() -> None:
    """Have everything that this process starts from now on killed when it has ended.

    A worker of pytest-xdist is itself started by a process that is guarded: nothing is done there.
    """
    if _WORKER in os.environ:
        return
    name = uuid.uuid4().hex
    os.environ[MARK] = f"{os.environ.get(MARK, '')} {name}".strip()
    silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in range(3)]
    command = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), name]
    os.posix_spawn(command[0], command, os.environ, file_actions=silent, setsid=True)


def marked(name: str) -> list[int]:
    """Return the processes, guards aside, that carry the name of a run."""
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _carries(folder, name.encode())
    ]


def _carries(folder: Path, name: bytes) -> bool:
    try:
        environment = (folder / "environ").read_bytes()
        command = (folder / "cmdline").read_bytes()
    except OSError:  # ended in the meantime, or another user's
        return False
    values = [v for v in environment.split(b"\0") if v.startswith(f"{MARK}=".encode())]
    return any(name in value for value in values) and os.fsencode(_GUARD) not in command.split(
        b"\0"
    )


def _await_end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        if os.getppid() == pid:
            select.select([descriptor], [], [])


def _guard(pid: int, name: str) -> None:
    _await_end(pid)
    while left := marked(name):
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(_ROUND_S)


if __name__ == "__main__":
    _guard(int(sys.argv[1]), sys.argv[2])
