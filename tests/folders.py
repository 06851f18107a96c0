"""The folder that a test run keeps its files in: those of other runs stay out of its way.

pytest's own is closed to other users whenever another run of the same user starts, and a database
or broker that root starts runs as another user.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from pathlib import Path

_KEPT = 2
"""Folders of ended runs that are kept to look into."""


MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 2 * 2**30
"""What databases of a run need at most, with room to spare."""


def memory_folder() -> Path | None:
    """Return a path in memory for this process alone, or None where there is too little of it.

    A database that is copied for a test takes a third of the time there.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < _MEMORY_BYTES:
        return None
    return claim_folder(MEMORY, kept=0)


def claim_folder(within: Path | None = None, *, kept: int = _KEPT) -> Path:
    """Return a path for this process alone, not made yet; folders of older runs are removed."""
    root = Path(within or tempfile.gettempdir(), f"motcua-tests-{os.geteuid()}")
    root.mkdir(mode=0o711, exist_ok=True)
    ended = sorted(filter(_is_free, root.glob("*.lock")), key=lambda lock: lock.stat().st_mtime)
    for lock in ended[: len(ended) - kept]:
        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
        lock.unlink(missing_ok=True)
    mine = root / f"{uuid.uuid4().hex[:8]}.lock"
    # Not closed: the kernel lets go of it when this process ends, however it ends.
    fcntl.flock(os.open(mine, os.O_CREAT | os.O_RDWR), fcntl.LOCK_EX)
    return mine.with_suffix("")


def _is_free(lock: Path) -> bool:
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held by a run, or removed by one
        return False
    return True
