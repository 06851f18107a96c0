"""The subscription to one scope of the API's stream: its newest view, and whether it lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx
import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from contract.readings import Update
from dashboards.api.asking import Asking
from dashboards.api.server_clock import ServerClock
from dashboards.api.views import Catalogue, View, merge
from dashboards.errors import ApiRefused, ApiUnreachable, ApiUnreadable, DashboardsError
from runtime.backoff import Backoff

SILENCE_S = 12.0
"""The API speaks at least every 5 s: two silences and some more mean that it hangs."""
UNKNOWN_SCOPE = 4404
"""The code with which the API closes the stream of a scope that it does not know."""
_OPEN_TIMEOUT_S = 5.0
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 3.0
_LARGEST_UPDATE_BYTES = 32 * 1024 * 1024

log = structlog.get_logger()


class ScopeStream:
    """The newest view of one scope, and whether the API still speaks.

    `view` stays when the link breaks: old data with their age are better than none. `refused` is
    the API's reason where it does not know the scope. `tokens` are of those who may read it; one
    that has become void is left for the next at the next attempt.
    """

    def __init__(
        self, api_url: str, scope: str, tokens: Callable[[], Sequence[str | None]] = tuple
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._tokens = tokens
        self._attempts = 0
        self.scope = scope
        self._clock = ServerClock()
        self._continue = True
        self.view: View | None = None
        self.linked = False
        self.refused: str | None = None

    def now(self) -> datetime | None:
        """Return the API server's time, None before the first update."""
        return self._clock.now(monotonic_s=time.monotonic())

    async def follow(self, on_change: Callable[[], None]) -> None:
        """Subscribe, and subscribe again after a pause whenever the link breaks.

        `on_change` is called after every update and when the link breaks. Never returns.
        """
        backoff = Backoff(_FIRST_PAUSE_S, _LONGEST_PAUSE_S)
        while True:
            try:
                async with self._open() as (catalogue, stream):
                    await self._read(catalogue, stream, on_change, backoff)
            except ApiRefused as error:
                self.refused, self.view = str(error), None
                on_change()
            except DashboardsError as error:
                log.warning("api_link_down", api=self._api_url, reason=str(error))
            if self.linked:
                self.linked = False
                on_change()
            await asyncio.sleep(backoff.next_s())

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[Catalogue, ClientConnection]]:
        """Yield catalogue and open stream; translate what the libraries raise."""
        url = f"{self._api_url.replace('http', 'ws', 1)}/api/v1/stream"
        headers = self._headers()
        try:
            catalogue = await self._fetch_catalogue(headers)
            async with connect(
                f"{url}?{urlencode(self._query())}",
                additional_headers=headers,
                max_size=_LARGEST_UPDATE_BYTES,
                open_timeout=_OPEN_TIMEOUT_S,
                proxy=None,
            ) as stream:
                log.info("api_link_up", api=self._api_url, scope=self.scope)
                yield catalogue, stream
        except TimeoutError as error:
            raise ApiUnreachable(f"{url} fell silent") from error
        except ConnectionClosed as error:
            if error.rcvd is not None and error.rcvd.code == UNKNOWN_SCOPE:
                raise ApiRefused(error.rcvd.reason) from error
            raise ApiUnreachable(f"{url}: {error}") from error
        except (OSError, httpx.HTTPError, WebSocketException) as error:
            raise ApiUnreachable(f"{url}: {error or type(error).__name__}") from error
        except msgspec.MsgspecError as error:
            raise ApiUnreadable(
                f"{url} says what this release cannot read ({error}); "
                "run the API and the dashboards of one release"
            ) from error

    def _query(self) -> dict[str, str]:
        """Return the scope, and where it can be continued the revision that is held."""
        query = {"scope": self.scope}
        if self._continue and self.view is not None:
            query["since"] = str(self.view.revision)
        self._continue = True
        return query

    def _headers(self) -> Mapping[str, str]:
        """Return what tells the API who asks: another of those who may at each attempt."""
        tokens = self._tokens() or (None,)
        self._attempts += 1
        token = tokens[self._attempts % len(tokens)]
        return Asking(token=token, automatic=True).headers()

    async def _fetch_catalogue(self, headers: Mapping[str, str]) -> Catalogue:
        async with httpx.AsyncClient(trust_env=False, timeout=_OPEN_TIMEOUT_S) as client:
            response = await client.get(f"{self._api_url}/api/v1/catalogue", headers=headers)
        response.raise_for_status()
        known = msgspec.json.decode(response.content, type=Catalogue)
        return tuple(definition for definition in known if definition.live)

    async def _read(
        self,
        catalogue: Catalogue,
        stream: ClientConnection,
        on_change: Callable[[], None],
        backoff: Backoff,
    ) -> None:
        """Merge updates until the link breaks or one is missing."""
        decoder = msgspec.json.Decoder(Update)
        while True:
            async with asyncio.timeout(SILENCE_S):
                payload = await stream.recv()
            update = decoder.decode(payload)
            if self._has_seen(update):
                self.linked = self.linked or self._is_young(update)
            else:
                view = merge(self.view, update, catalogue)
                if view is None:
                    log.warning("api_updates_missing", scope=self.scope, since=update.since)
                    self._continue = False
                    return
                self._clock.follow(update.computed_at, monotonic_s=time.monotonic())
                self.view, self.refused, self.linked = view, None, True
                backoff.reset()
            on_change()

    def _has_seen(self, update: Update) -> bool:
        """Return whether the newest readings came again, as they do on a link made anew."""
        if self.view is None:
            return False
        newest = (self.view.revision, self.view.computed_at)
        return (update.revision, update.computed_at) == newest

    def _is_young(self, update: Update) -> bool:
        """Return whether `update` was computed so recently that its API cannot hang."""
        now = self.now()
        return now is not None and now - update.computed_at < timedelta(seconds=SILENCE_S)
