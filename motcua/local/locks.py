"""A lock on a data folder that vanishes with its holder, however the holder ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from motcua.errors import DataInUse, DataUnusable


@contextmanager
def folder_lock(folder: Path, *, name: str = "lock") -> Iterator[None]:
    """Hold `folder` for this process; raise DataInUse with the holder's process id.

    The kernel drops the lock when we end, also by SIGKILL: no stale lock ever blocks a start.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataUnusable(
            f"data folder {folder}: {error.strerror}: choose another one with --data"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
            raise DataInUse(
                f"{folder} is in use by process {holder}: stop it, or choose another folder "
                "with --data"
            ) from error
        with contextlib.suppress(OSError):  # a full disk: only the holder's name is missing
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
