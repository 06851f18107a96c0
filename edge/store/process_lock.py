"""One process of a kind on a store: two that watch would store every visit twice."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from contract.problems import ProblemCode, report
from edge.errors import StoreTaken, StoreUnusable
from edge.store.shared_state import ProcessName
from runtime.stream_urls import without_secrets

_LONGEST_COMMAND = 60


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock: for messages alone, the lock itself is the system's."""

    pid: int
    command: str


@contextmanager
def process_lock(store: Path, process: ProcessName) -> Iterator[None]:
    """Be the only `process` on the store at `store`; raise StoreTaken, which names the other one.

    The system drops the lock when we end, however that is: none is ever left behind.
    """
    store = store.resolve()  # one store under two names is one store
    path = store.with_name(f"{store.name}.{process}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    except OSError as error:
        raise StoreUnusable(
            report(ProblemCode.STORE_NOT_MADE, path=store, reason=error.strerror)
        ) from error
    try:
        _lock(descriptor, store, process)
        with contextlib.suppress(OSError):  # a full disk: only the holder's name is missing
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, msgspec.json.encode(_ourselves()), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, store: Path, process: ProcessName) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _read(descriptor)
        raise StoreTaken(
            report(
                ProblemCode.STORE_TAKEN,
                process=process,
                path=store,
                pid=holder.pid,
                command=holder.command,
            )
        ) from error
    except OSError as error:
        raise StoreUnusable(
            report(ProblemCode.STORE_UNUSABLE, path=store, reason=error.strerror)
        ) from error


def _ourselves() -> Holder:
    words = ["motcua", *map(without_secrets, sys.argv[1:])]
    return Holder(pid=os.getpid(), command=" ".join(words)[:_LONGEST_COMMAND])


def _read(descriptor: int) -> Holder:
    try:
        return msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return Holder(pid=0, command="unknown")
