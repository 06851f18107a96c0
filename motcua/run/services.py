"""One supervised service: it is started again after a crash, with growing pauses."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from motcua.errors import MotcuaError, ProcessFailed
from motcua.local.daemons import Daemon, DaemonSpec, log_tail
from motcua.run.logs import LogFollower, has_logged
from motcua.run.parts import Idle, Part, Stage
from runtime.backoff import Backoff

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
CALM_S = 60.0
"""After this long without a crash the pauses start small again."""

REPEAT_S = 60.0
"""The same warning or reason is shown again after this long; the log has every one."""

_REMEMBERED = 200
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Service(Protocol):
    """Something that runs in the background: our parts, the database, the broker."""

    @property
    def log_file(self) -> Path:
        """Where its output goes."""

    def start(self) -> None:
        """Start it, also again after it ended."""

    def exit_code(self) -> int | None:
        """Return how it ended, or None while it runs."""


class PartService:
    """A part of ours as a service."""

    def __init__(
        self, part: Part, *, log: Path, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.part = part
        self._spec = DaemonSpec(
            command=part.command,
            log=log,
            stop_signal=signal.SIGTERM,
            environment={**environment, **part.environment},
            folder=folder,
        )
        self._daemon: Daemon | None = None

    @property
    def log_file(self) -> Path:
        """Where its output goes."""
        return self._spec.log

    def start(self) -> None:
        """Start the process; it may need a while until `ready`."""
        self._daemon = Daemon(self._spec)

    def ready(self) -> bool:
        """Return whether it answers, or has logged that it is ready."""
        if self.part.ready_url is None:
            return has_logged(self.log_file, self.part.ready_event)
        try:
            with _DIRECT.open(self.part.ready_url, timeout=1):
                return True
        except urllib.error.HTTPError as error:
            with error:  # it is an answer too, and holds the connection
                return error.code < 500
        except (OSError, ValueError):
            return False

    def rests(self) -> bool:
        """Return whether it has logged why it runs without doing anything."""
        idle = self.part.idle
        return idle is not None and has_logged(self.log_file, idle.event)

    def exit_code(self) -> int | None:
        """Return how it ended, or None while it runs."""
        if self._daemon is None:
            raise ProcessFailed(f"{self.part.says} was never started")
        return self._daemon.exit_code()

    def signal_stop(self) -> None:
        """Ask the process to end and return at once."""
        if self._daemon:
            self._daemon.signal_stop()

    def stop(self, *, timeout_s: float = 4.0) -> None:
        """Ask the process to end, and kill it when it has not within `timeout_s`."""
        if self._daemon:
            self._daemon.stop(timeout_s=timeout_s)


class Supervised:
    """A service with its name, its crashes and the time of its next start."""

    def __init__(
        self, service: Service, *, name: str, stage: Stage, idle: Idle | None = None
    ) -> None:
        self.service = service
        self.name = name
        self.stage = stage
        self.restarts = 0
        remarks = {idle.event: idle.because} if idle else {}
        self._follower = LogFollower(service.log_file, remarks=remarks)
        self._backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S, jitter=0)
        self._started_at_s = 0.0
        self._next_start_s: float | None = None
        self._shown_at_s: dict[str, float] = {}

    def start(self, now_s: float) -> None:
        """Start it for the first time; raises what the service raises."""
        self.service.start()
        self._started_at_s = now_s

    def look(self, now_s: float) -> list[str]:
        """Return lines for the user: new warnings, a crash. Starts it again when it is time."""
        lines = [
            f"{self.name}: {warning}"
            for warning in self._follower.warnings()
            if self._is_news(warning, now_s)
        ]
        if self._next_start_s is not None:
            if now_s >= self._next_start_s:
                lines += self._start_again(now_s)
            return lines
        code = self.service.exit_code()
        if code is not None:
            lines += self._plan_restart(code, now_s)
        return lines

    def _is_news(self, warning: str, now_s: float) -> bool:
        """Return whether this very line was not shown in the last minute."""
        shown_at_s = self._shown_at_s.get(warning)
        if shown_at_s is not None and now_s - shown_at_s < REPEAT_S:
            return False
        if len(self._shown_at_s) >= _REMEMBERED:
            self._shown_at_s.clear()
        self._shown_at_s[warning] = now_s
        return True

    def _plan_restart(self, code: int, now_s: float) -> list[str]:
        if now_s - self._started_at_s > CALM_S:
            self._backoff.reset()
        pause_s = self._backoff.next_s()
        self._next_start_s = now_s + pause_s
        reason = log_tail(self.service.log_file, lines=1).removeprefix("Error: ")
        if code <= 0 or not reason:
            return [f"{self.name} {_ended(code)}; it starts again in {pause_s:.0f} s"]
        # A wrong setting or a missing file ends every try in the same way: no line for each.
        told = f"{self.name} {_ended(code)}: {reason}"
        return [f"{told}; it starts again in {pause_s:.0f} s"] if self._is_news(told, now_s) else []

    def _start_again(self, now_s: float) -> list[str]:
        self._next_start_s = None
        self._started_at_s = now_s
        self.restarts += 1
        try:
            self.service.start()
        except MotcuaError as error:
            pause_s = self._backoff.next_s()
            self._next_start_s = now_s + pause_s
            return [f"{self.name} did not start: {error}; next try in {pause_s:.0f} s"]
        return []


def _ended(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}" if code else "ended"
