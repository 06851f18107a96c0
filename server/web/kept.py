"""Keeps answers for a moment, and has equal questions that come together answered once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 1_000
"""Answers that are kept, some kilobytes each."""


@dataclass(slots=True)
class _Answer(Generic[T]):
    task: asyncio.Task[T]
    version: int
    until_s: float


class Kept(Generic[T]):
    """Answers by question, for `kept_s` seconds at most and while `version` stays the same.

    `version` grows with each change that was heard of, and is None while none can be heard: then
    nothing is kept.
    """

    def __init__(self, kept_s: float, version: Callable[[], int | None]) -> None:
        self._kept_s = kept_s
        self._version = version
        self._answers: OrderedDict[Hashable, _Answer[T]] = OrderedDict()

    async def answer(self, question: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return the answer that is kept, else what `make` returns."""
        now_s, version = time.monotonic(), self._version()
        if version is None or not self._kept_s:
            return await make()
        known = self._answers.get(question)
        if known is None or known.version != version or now_s >= known.until_s:
            task = asyncio.ensure_future(_made(make))
            known = _Answer(task=task, version=version, until_s=now_s + self._kept_s)
            self._answers[question] = known
            task.add_done_callback(lambda done: self._note(question, done))
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)
        self._answers.move_to_end(question)
        # Who goes away takes the answer from nobody who waits for the same.
        return await asyncio.shield(known.task)

    def _note(self, question: Hashable, done: asyncio.Task[T]) -> None:
        """Keep no failure."""
        if done.cancelled() or done.exception() is not None:
            known = self._answers.get(question)
            if known is not None and known.task is done:
                del self._answers[question]


async def _made(make: Callable[[], Awaitable[T]]) -> T:
    return await make()
