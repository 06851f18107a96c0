"""The stream as Server-Sent Events, for clients without WebSockets: the WHATWG's HTML, 9.2."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager

import msgspec
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from server.live.fanout import Subscription

CHECKED_EVERY_S = 5.0
"""How often whoever reads is asked whether it still may; there is a message as often."""


class _Numbered(msgspec.Struct):
    revision: int


_DECODER = msgspec.json.Decoder(_Numbered)


class EventStream(StreamingResponse):
    """Events as they come; a client that does not take one in time is cut off."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], send_timeout_s: float) -> None:
        # nginx would keep events back until its buffer is full.
        super().__init__(events, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._send_timeout_s = send_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; each part of the answer has to be taken within the time that is allowed."""

        async def send_in_time(message: object) -> None:
            await asyncio.wait_for(send(message), self._send_timeout_s)  # type: ignore[arg-type]

        try:
            await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            return


async def events(
    subscribing: AbstractContextManager[Subscription], may_go_on: Callable[[], Awaitable[bool]]
) -> AsyncIterator[str]:
    """Yield each message as an event whose id is its revision, while `may_go_on`.

    A client that comes back sends the id of its last one as `Last-Event-ID`.
    """
    checked_s = time.monotonic()
    with subscribing as subscription:
        while True:
            try:
                text = await subscription.next()
            except KeyError:
                return
            if time.monotonic() - checked_s >= CHECKED_EVERY_S:
                if not await may_go_on():
                    return
                checked_s = time.monotonic()
            yield f"id: {_DECODER.decode(text).revision}\nevent: update\ndata: {text}\n\n"
