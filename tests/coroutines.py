"""Runs a coroutine beside Playwright, whose own event loop lives in the main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what `coroutine` returns, from an event loop in a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def apart(function: Callable[..., T], *given: Any, **named: Any) -> T:
    """Return what `function` returns; in another thread where an event loop lives in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return function(*given, **named)
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(function, *given, **named).result()
