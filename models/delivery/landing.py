"""The folder that models land in: what is incomplete stays below it, what is right is renamed.

Whoever looks into the folder therefore sees whole files only, and the folder itself changes once
for each new file, however long it took to come.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.delivery.errors import FolderUnusable

INCOMING = ".incoming"

SPARED_BYTES = 50_000_000
"""Free space that stays: the device's outbox writes to the same disk."""


@contextmanager
def landing(folder: Path) -> Iterator[Path]:
    """Yield the place below `folder` for what is not complete, to one process at a time.

    An OSError in the block becomes FolderUnusable.
    """
    try:
        incoming = folder / INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        with _locked(incoming, folder):
            yield incoming
    except OSError as error:
        raise FolderUnusable(
            f"{error.filename or folder}: {error.strerror}; make the folder {folder} writable and "
            "free some space, or name another one with --models"
        ) from error


def settle(part: Path, folder: Path, name: str) -> None:
    """Give the complete `part` its `name` in `folder`, in one step that outlives a power cut."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place_bytes(folder: Path, name: str, content: bytes) -> None:
    """Put a small file into `folder` in one step; raise FolderUnusable."""
    with landing(folder) as incoming:
        part = incoming / name
        part.write_bytes(content)
        settle(part, folder, name)


def require_room(folder: Path, needed_bytes: int, what: str) -> None:
    """Raise FolderUnusable unless the disk of `folder` holds so much more and some to spare."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + SPARED_BYTES:
        raise FolderUnusable(
            f"{what} needs {needed_bytes} bytes more and {SPARED_BYTES} to spare, but the disk of "
            f"{folder} has {free}: free some space or name another folder with --models"
        )


@contextmanager
def _locked(incoming: Path, folder: Path) -> Iterator[None]:
    """Hold `incoming` alone; the kernel lets go of it however the process ends."""
    descriptor = os.open(incoming, os.O_RDONLY)
    try:
        if not _lock(descriptor):
            raise FolderUnusable(
                f"another process is bringing models into {folder}: wait until it is done"
            )
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
