"""Ends what a killed supervisor left behind: a server that still works on a data folder."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import psutil
import structlog

from motcua.errors import InfrastructureError

log = structlog.get_logger()

_POLL_S = 0.05


def stop_orphans(folder: Path, program: str, *, stop_signal: signal.Signals, grace_s: float) -> int:
    """End every `program` whose working folder is `folder`; return how many there were.

    `program` is the process's name or one of its arguments, for what runs inside an interpreter.

    The caller holds the folder's lock, so no living supervisor owns them. They are stopped, not
    adopted: an adopted server would outlive its new supervisor (nothing ties them together), and
    its port and settings may not be the ones wanted now.
    """
    found = _working_in(folder, program)
    if not found:
        return 0
    pids = {process.pid for process in found}
    leaders = [process for process in found if _parent(process) not in pids]
    log.warning("orphan_stopped", program=program, pids=sorted(pids), folder=str(folder))
    for process in leaders:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(stop_signal)
            process.resume()  # a suspended one would not hear it
    if not _vanish(folder, program, within_s=grace_s):
        for process in _working_in(folder, program):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if not _vanish(folder, program, within_s=grace_s):
            raise InfrastructureError(
                f"a {program} in {folder} cannot be ended: restart the machine"
            )
    return len(found)


def _vanish(folder: Path, program: str, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while _working_in(folder, program):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _working_in(folder: Path, program: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            # A dead process that nobody has reaped yet holds nothing: it has no folder either.
            if Path(process.cwd()) == folder and (
                process.name() == program or program in process.cmdline()
            ):
                found.append(process)
    return found


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return 0
