"""Whether a browser may watch a wall: asked when it comes, and again while it stays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import WebSocket

from dashboards.api.asking import Asking, asked_by
from dashboards.api.rest import RestClient
from dashboards.entrance.cookies import Cookies
from dashboards.entrance.gate import account_token, is_foreign
from dashboards.errors import ApiRefused
from dashboards.push.choice import Choice

REFUSED = 4403
"""The WebSocket's code for who may not watch; the page loads itself again, and is told why."""
AWAY = 1013
"""The code while the API cannot say who may watch."""
CHECKED_EVERY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """One browser in front of a wall. All are asked about one by one; what they may see, and only
    that, is rendered once for all.
    """

    api: RestClient
    token: str | None
    foreign: bool
    trial: bool
    turn_s: float

    async def choose(self, query: Mapping[str, str]) -> Choice:
        """Return what an address chooses; what it leaves open is as the screen's token says."""
        with asked_by(Asking(token=self.token, automatic=True)):
            visitor = (await self.api.me()).value
        return Choice.parse(query, visitor, turn_s=self.turn_s)

    async def refusal(self, choice: Choice) -> int | None:
        """Return the code with which the wall is refused, None where it may be watched."""
        if self.foreign:
            return REFUSED
        with asked_by(Asking(token=self.token, automatic=True)):
            visitor = await self.api.me()
            allowed = await self.api.may_watch(choice.scope)
        if visitor.value is None or allowed.value is None:
            unknown_scope = type(allowed.error) is ApiRefused
            if visitor.value is not None and unknown_scope:
                return None  # the wall itself says that there is no such scope
            if isinstance(visitor.error, ApiRefused):
                return REFUSED
            return None if self.trial else AWAY
        scenes = visitor.value.scenes
        shown = scenes is None or set(choice.scenes) <= set(scenes)
        return None if allowed.value and shown else REFUSED

    async def wait_until_refused(self, choice: Choice) -> None:
        """Return once the wall may not be watched any more; while nobody can say, it may."""
        while True:
            await asyncio.sleep(CHECKED_EVERY_S)
            if await self.refusal(choice) == REFUSED:
                return


class Watchers:
    """Makes a watcher of each browser that connects."""

    def __init__(self, api: RestClient, cookies: Cookies, *, trial: bool, turn_s: float) -> None:
        self._api = api
        self._cookies = cookies
        self._trial = trial
        self._turn_s = turn_s

    def of(self, socket: WebSocket) -> Watcher:
        """Return who connects on this socket."""
        token = account_token(socket.headers.get("cookie", ""), self._cookies)
        foreign = is_foreign(socket.headers)
        return Watcher(
            api=self._api, token=token, foreign=foreign, trial=self._trial, turn_s=self._turn_s
        )
