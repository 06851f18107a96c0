"""One background process of ours: started on a tether, watched, stopped by a signal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from motcua.local.accounts import Account
from motcua.local.tether import tethered

_POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSpec:
    """How to run and end one background process."""

    command: tuple[str, ...]
    log: Path
    stop_signal: signal.Signals
    account: Account | None = None
    environment: Mapping[str, str] | None = None
    folder: Path = Path("/")


class Daemon:
    """A running background process in a process group of its own."""

    def __init__(self, spec: DaemonSpec) -> None:
        account = spec.account
        self._spec = spec
        spec.log.touch(mode=0o600)
        with spec.log.open("ab") as output:
            self._process = subprocess.Popen(
                tethered(
                    list(spec.command),
                    on_parent_death=spec.stop_signal,
                    uid=account.uid if account else None,
                    gid=account.gid if account else None,
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=spec.folder,
                env={**os.environ, **(spec.environment or {})},
                process_group=0,
            )

    @property
    def pid(self) -> int:
        """The process's identifier."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], *, timeout_s: float) -> bool:
        """Return True once `ready()` holds; False when the process ends or time runs out."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.exit_code() is not None:
                return False
            if ready():
                return True
            time.sleep(_POLL_S)
        return False

    def signal_stop(self) -> None:
        """Ask the process to end, and return at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self._spec.stop_signal)

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Ask the process to end; kill its group when it has not within `timeout_s`."""
        self.signal_stop()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process and its group at once, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def log_tail(path: Path, *, lines: int = 3) -> str:
    """Return the last lines of a daemon's log on one line, for error messages."""
    with contextlib.suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace")
        return " / ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
    return ""
