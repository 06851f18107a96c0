"""Starts a process that ends when its parent ends, even when the parent is killed with SIGKILL.

The launcher below runs before the program: it gives up root where asked, asks the kernel for the
parent's death signal and becomes the program. It is a script of its own, not a `preexec_fn`,
because Python code between fork and exec can deadlock in a process that has threads.

The kernel ties the signal to the parent's *thread*: start tethered processes from a thread that
lives as long as they shall, as a rule the main thread.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1


def tethered(
    command: list[str],
    *,
    on_parent_death: signal.Signals = signal.SIGTERM,
    uid: int | None = None,
    gid: int | None = None,
) -> list[str]:
    """Return the command line that runs `command` so that it gets a signal when we die."""
    launcher = [sys.executable, "-I", "-S", os.path.abspath(__file__)]  # noqa: PTH100
    identity = [str(-1 if uid is None else uid), str(-1 if gid is None else gid)]
    return [*launcher, str(os.getpid()), str(int(on_parent_death)), *identity, *command]


def _become(arguments: list[str]) -> None:
    parent, death_signal, uid, gid = (int(text) for text in arguments[:4])
    if uid >= 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    # A change of user clears the death signal, so it is asked for afterwards.
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, death_signal)
    if os.getppid() != parent:
        os._exit(0)  # the parent died before the kernel could tell us
    program = arguments[4]
    try:
        os.execvp(program, arguments[4:])  # noqa: S606
    except OSError as error:
        os.write(2, f"{program}: {error.strerror}\n".encode())
        os._exit(127)


if __name__ == "__main__":
    _become(sys.argv[1:])
