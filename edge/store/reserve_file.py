"""A file of disk space beside the store, deleted so that a full disk can be emptied.

SQLite needs room to write even for deleting: on a disk that others have filled, the relay could
not delete what the server already has, and the outbox would stay full for ever.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LOG_BYTES = 1024 * 1024
"""SQLite's write-ahead log is moved into the file at this size, and keeps it."""

RESERVE_FILE_BYTES = 2 * LOG_BYTES
"""Room to move the log into the file, and to write the next one."""


def create_reserve_file(store: Path) -> None:
    """Take `RESERVE_FILE_BYTES` beside `store` while as much again is left for the log."""
    file = _file(store)
    earlier = store.with_name(f"{store.name}.ballast")  # its name in release 0.1
    if earlier.exists():
        earlier.rename(file)
    if file.exists() or _free_bytes(store) < 2 * RESERVE_FILE_BYTES:
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_FILE_BYTES)
        finally:
            os.close(descriptor)
    except OSError:
        delete_reserve_file(store)  # others took the space meanwhile


def may_grow(store: Path) -> bool:
    """Return whether the store may take more of the disk and still be emptied afterwards."""
    return _file(store).exists() or _free_bytes(store) >= LOG_BYTES


def delete_reserve_file(store: Path) -> bool:
    """Free the space; return whether there was any."""
    try:
        _file(store).unlink()
    except OSError:
        return False
    return True


def _free_bytes(store: Path) -> int:
    return shutil.disk_usage(store.parent).free


def _file(store: Path) -> Path:
    return store.with_name(f"{store.name}.reserve")
