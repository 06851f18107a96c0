"""Several sources as one stream of results, in the order in which they come."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_JOIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    error: Exception | None


class _Pump(Generic[T]):
    """Moves one source's items into the common queue, the next one when the last was taken."""

    def __init__(
        self, name: str, items: Iterator[T], target: queue.Queue[tuple[str, T | _End]]
    ) -> None:
        self._name, self._items, self._target = name, items, target
        self._turn = threading.Semaphore(1)
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=f"camera {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def go_on(self) -> None:
        self._turn.release()

    def stop(self) -> None:
        self._stopped = True
        self._turn.release()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        error: Exception | None = None
        try:
            for item in self._items:
                self._turn.acquire()
                if self._stopped:
                    return
                self._target.put((self._name, item))
        except Exception as failed:  # noqa: BLE001 - raised again in the consumer's thread
            error = failed
        self._target.put((self._name, _End(error=error)))


@contextmanager
def merge(sources: Mapping[str, Iterator[T]]) -> Iterator[Iterator[tuple[str, T]]]:
    """Yield (name, item) of all sources as they come; none waits for a slower one.

    It ends when all have ended; an error of one is raised. One source alone needs no thread.
    """
    if len(sources) == 1:
        ((name, items),) = sources.items()
        yield ((name, item) for item in items)
        return
    target: queue.Queue[tuple[str, T | _End]] = queue.Queue()
    pumps = {name: _Pump(name, items, target) for name, items in sources.items()}
    for pump in pumps.values():
        pump.start()
    try:
        yield _taken(target, pumps)
    finally:
        for pump in pumps.values():
            pump.stop()


def _taken(
    target: queue.Queue[tuple[str, T | _End]], pumps: Mapping[str, _Pump[T]]
) -> Iterator[tuple[str, T]]:
    left = len(pumps)
    while left:
        name, item = target.get()
        if isinstance(item, _End):
            left -= 1
            if item.error is not None:
                raise item.error
            continue
        yield name, item
        pumps[name].go_on()
