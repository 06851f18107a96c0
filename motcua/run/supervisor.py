"""Starts the whole system, keeps it running, and stops it in reverse order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from motcua.errors import ProcessFailed
from motcua.local.notices import Say
from motcua.local.orphans import stop_orphans
from motcua.run.logs import rotate
from motcua.run.parts import PROGRAM, Part, Stage
from motcua.run.places import Places
from motcua.run.services import PartService, Service, Supervised

READY_TIMEOUT_S = 90.0
"""A Raspberry Pi takes its time to load what a desktop loads in two seconds."""

_LOOK_EVERY_S = 0.2
_STAGE_STOP_S = 4.0
_RESTARTS_AWAITED = 2
_ORPHAN_GRACE_S = 6.0


class Supervisor:
    """The running system. `say` shows one line to the user; `stopping` ends everything."""

    def __init__(self, places: Places, *, say: Say, stopping: Event) -> None:
        self._places = places
        self.say = say
        self._stopping = stopping
        self._supervised: list[Supervised] = []
        self._environment: dict[str, str] = {"MOTCUA_LOG_FORMAT": "json"}

    def clear_leftovers(self) -> None:
        """End parts of an earlier run that was killed and whose parts have not ended yet."""
        stop_orphans(self._places.run, PROGRAM, stop_signal=signal.SIGTERM, grace_s=_ORPHAN_GRACE_S)

    def provide(self, environment: Mapping[str, str]) -> None:
        """Give every part that starts from now on these environment variables."""
        self._environment.update(environment)

    def adopt(self, service: Service, *, name: str, stage: Stage) -> None:
        """Watch a service that runs already and is stopped by its own context manager."""
        self._supervised.append(Supervised(service, name=name, stage=stage))

    def run_once(self, says: str, *arguments: str) -> None:
        """Run one short command of ours to its end; raise ProcessFailed with its last line."""
        began_s = time.monotonic()
        part = Part(name=says, says=says, stage=Stage.SERVER, arguments=arguments)
        result = subprocess.run(
            part.command,
            cwd=self._places.run,
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
        )
        lines = (result.stderr or result.stdout).strip().splitlines()
        if result.returncode != 0:
            reason = lines[-1].removeprefix("Error: ") if lines else f"code {result.returncode}"
            raise ProcessFailed(f"{says}: {reason}")
        self.say(f"{says}: done ({time.monotonic() - began_s:.1f} s)")

    def start(self, parts: tuple[Part, ...]) -> None:
        """Start `parts` together and wait until each is ready, with a line for each."""
        began_s = time.monotonic()
        for supervised, service in [self._start(part) for part in parts]:
            self._await_ready(supervised, service, began_s)

    def watch(self) -> None:
        """Keep everything running until `stopping` is set."""
        while not self._stopping.wait(_LOOK_EVERY_S):
            self._look()

    def stop(self) -> None:
        """Stop our parts, sources of data first; database and broker belong to others."""
        for stage in (Stage.DEVICES, Stage.SERVER):
            services = [
                supervised.service
                for supervised in self._supervised
                if supervised.stage is stage and isinstance(supervised.service, PartService)
            ]
            for service in services:
                service.signal_stop()
            deadline_s = time.monotonic() + _STAGE_STOP_S
            for service in services:
                service.stop(timeout_s=max(0.1, deadline_s - time.monotonic()))

    def _start(self, part: Part) -> tuple[Supervised, PartService]:
        log = self._log(part.name)
        rotate(log)
        log.touch(mode=0o600)
        service = PartService(part, log=log, folder=self._places.run, environment=self._environment)
        supervised = Supervised(service, name=part.name, stage=part.stage, idle=part.idle)
        supervised.start(time.monotonic())
        self._supervised.append(supervised)
        return supervised, service

    def _await_ready(self, supervised: Supervised, service: PartService, began_s: float) -> None:
        says = service.part.says
        while not self._stopping.is_set():
            if service.ready():
                self.say(f"{says}: running ({time.monotonic() - began_s:.1f} s)")
                return
            if service.rests():
                self._look()  # its warning tells why
                return
            if time.monotonic() - began_s > READY_TIMEOUT_S:
                self.say(f"{says}: not ready after {READY_TIMEOUT_S:.0f} s, see {service.log_file}")
                return
            if supervised.restarts >= _RESTARTS_AWAITED:
                return  # its crashes are told of; the others need not wait for it
            self._look()
            self._stopping.wait(_LOOK_EVERY_S)

    def _look(self) -> None:
        now_s = time.monotonic()
        for supervised in self._supervised:
            for line in supervised.look(now_s):
                self.say(line)

    def _log(self, name: str) -> Path:
        return self._places.logs / f"{name}.log"
