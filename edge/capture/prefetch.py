"""Prefetches items in a thread: OpenCV decodes without the interpreter's lock."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")

_DEPTH = 8
_POLL_S = 0.1
_JOIN_S = 5.0


class _End:
    """Marks the end of the iterator, with the error that ended it."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


class _Prefetcher(Generic[T]):
    def __init__(self, items: Iterator[T], depth: int) -> None:
        self._items = items
        self._queue: queue.Queue[T | _End] = queue.Queue(depth)
        self._stop = threading.Event()
        self.thread = threading.Thread(target=self._run, name="decode", daemon=True)

    def stop(self) -> None:
        self._stop.set()
        self.thread.join(_JOIN_S)

    def __iter__(self) -> Iterator[T]:
        while not isinstance(item := self._queue.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except Exception as error:  # noqa: BLE001 - raised again in the consumer's thread
            self._put(_End(error))
        else:
            self._put(_End(None))

    def _put(self, item: T | _End) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


@contextmanager
def prefetch(items: Iterator[T], *, depth: int = _DEPTH) -> Iterator[Iterator[T]]:
    """Yield the same items, produced up to `depth` ahead in a thread that ends with the block."""
    prefetcher = _Prefetcher(items, depth)
    prefetcher.thread.start()
    try:
        yield iter(prefetcher)
    finally:
        prefetcher.stop()
