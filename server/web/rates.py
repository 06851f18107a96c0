"""Bounds how often one key, sign-in or address asks: a token bucket each, in this process."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from server.web.asgi import Application, Headers, Message, Receive, Scope, Send, header, refuse
from server.web.problems import ErrorCode
from server.web.settings import WebSettings

_MOST = 10_000
"""Buckets that are kept; who asks least lately begins with a full one again."""


@dataclass(slots=True)
class Bucket:
    """Holds up to `burst` tokens; `rate` come each second, and a request takes one."""

    tokens: float
    at_s: float

    def take(self, now_s: float, *, rate: float, burst: int) -> bool:
        """Take a token; return whether there was one."""
        self.tokens = min(burst, self.tokens + (now_s - self.at_s) * rate)
        self.at_s = now_s
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Limited:
    """An ASGI middleware that tells with each answer what is left.

    The headers are those of draft-ietf-httpapi-ratelimit-headers.

    Who asks is told by the token, by its digest alone, or else by the address.
    """

    def __init__(
        self,
        app: Application,
        settings: WebSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._rate, self._burst = settings.rate, settings.burst
        self._clock = clock
        self._buckets: OrderedDict[bytes, Bucket] = OrderedDict()
        self._policy = f'"default";q={self._burst};w={math.ceil(self._burst / (self._rate or 1))}'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application, or with status 429."""
        if scope["type"] != "http" or not self._rate:
            await self._app(scope, receive, send)
            return
        bucket = self._bucket(_who(scope))
        allowed = bucket.take(self._clock(), rate=self._rate, burst=self._burst)
        said = self._said(bucket)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *said]}
            await send(message)

        if allowed:
            await self._app(scope, receive, answer)
            return
        wait_s = max(1, math.ceil((1 - bucket.tokens) / self._rate))
        detail = f"more than {self._rate:g} requests a second; try again in {wait_s} s"
        retry = [(b"retry-after", str(wait_s).encode())]
        await refuse(scope, answer, 429, ErrorCode.TOO_MANY_REQUESTS, detail, retry)

    def _bucket(self, who: bytes) -> Bucket:
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = Bucket(tokens=self._burst, at_s=self._clock())
            while len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(who)
        return bucket

    def _said(self, bucket: Bucket) -> Headers:
        full_in_s = math.ceil((self._burst - bucket.tokens) / self._rate)
        left = f'"default";r={int(bucket.tokens)};t={full_in_s}'
        return [(b"ratelimit-policy", self._policy.encode()), (b"ratelimit", left.encode())]


def _who(scope: Scope) -> bytes:
    token = header(scope, b"authorization")
    if token is not None:
        return hashlib.sha256(token).digest()
    client = scope.get("client")
    return b"address " + (client[0].encode() if client else b"")
