"""One stream client's view of the snapshots."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Subscription:
    """One client's view: always the newest snapshot, skipping those it was too slow to take."""

    def __init__(self) -> None:
        self._slot: asyncio.Queue[str] = asyncio.Queue(maxsize=1)

    def offer(self, text: str) -> None:
        """Replace what the client has not taken yet."""
        with suppress(asyncio.QueueEmpty):
            self._slot.get_nowait()
        self._slot.put_nowait(text)

    async def next(self) -> str:
        """Return the next snapshot's JSON text, once there is one."""
        return await self._slot.get()
