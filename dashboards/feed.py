"""The one subscription to the API: keeps the newest snapshot and says whether the link lives."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import httpx
import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from contract.readings import KpiDefinition, Snapshot
from dashboards.errors import ApiUnreachable, ApiUnreadable, DashboardsError
from dashboards.server_clock import ServerClock

SILENCE_S = 12.0
"""The API speaks at least every 5 s: two silences and some more mean that it hangs."""
_OPEN_TIMEOUT_S = 5.0
_FIRST_DELAY_S = 0.25
_LONGEST_DELAY_S = 3.0
_LARGEST_SNAPSHOT_BYTES = 32 * 1024 * 1024

log = structlog.get_logger()

Catalogue: TypeAlias = tuple[KpiDefinition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What screens show: the newest snapshot, and the catalogue that explains its readings."""

    catalogue: Catalogue
    snapshot: Snapshot


class Feed:
    """The newest view and whether the API still speaks.

    `view` stays when the link breaks: old data with their age are better than none.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url.rstrip("/")
        self._clock = ServerClock()
        self.view: View | None = None
        self.linked = False

    def now(self) -> datetime | None:
        """Return the API server's time, None before the first snapshot."""
        return self._clock.now(monotonic_s=time.monotonic())

    async def follow(self, on_change: Callable[[], None]) -> None:
        """Subscribe, and subscribe again with capped backoff whenever the link breaks.

        `on_change` is called after every snapshot and when the link breaks. Never returns.
        """
        delays = _backoff()
        while True:
            try:
                async with self._stream() as (catalogue, stream):
                    delays = _backoff()
                    await self._read(catalogue, stream, on_change)
            except DashboardsError as error:
                log.warning("api_link_down", api=self._api_url, reason=str(error))
            if self.linked:
                self.linked = False
                on_change()
            await asyncio.sleep(next(delays))

    @asynccontextmanager
    async def _stream(self) -> AsyncIterator[tuple[Catalogue, ClientConnection]]:
        """Yield catalogue and open stream; translate what the libraries raise."""
        url = f"{self._api_url.replace('http', 'ws', 1)}/api/v1/stream"
        try:
            catalogue = await self._fetch_catalogue()
            async with connect(
                url, max_size=_LARGEST_SNAPSHOT_BYTES, open_timeout=_OPEN_TIMEOUT_S, proxy=None
            ) as stream:
                log.info("api_link_up", api=self._api_url)
                yield catalogue, stream
        except TimeoutError as error:
            raise ApiUnreachable(f"{url} fell silent") from error
        except (OSError, httpx.HTTPError, WebSocketException) as error:
            raise ApiUnreachable(f"{url}: {error or type(error).__name__}") from error
        except msgspec.MsgspecError as error:
            raise ApiUnreadable(
                f"{url} says what this release cannot read ({error}); "
                "run the API and the dashboards of one release"
            ) from error

    async def _fetch_catalogue(self) -> Catalogue:
        async with httpx.AsyncClient(trust_env=False, timeout=_OPEN_TIMEOUT_S) as client:
            response = await client.get(f"{self._api_url}/api/v1/catalogue")
        response.raise_for_status()
        return msgspec.json.decode(response.content, type=Catalogue)

    async def _read(
        self, catalogue: Catalogue, stream: ClientConnection, on_change: Callable[[], None]
    ) -> None:
        decoder = msgspec.json.Decoder(Snapshot)
        while True:
            async with asyncio.timeout(SILENCE_S):
                payload = await stream.recv()
            snapshot = decoder.decode(payload)
            if self._has_seen(snapshot):
                self.linked = self.linked or self._is_young(snapshot)
            else:
                self._clock.follow(snapshot.computed_at, monotonic_s=time.monotonic())
                self.view = View(catalogue=catalogue, snapshot=snapshot)
                self.linked = True
            on_change()

    def _has_seen(self, snapshot: Snapshot) -> bool:
        """Return whether the newest snapshot came again, as it does on a link made anew."""
        if self.view is None:
            return False
        newest = self.view.snapshot
        return (snapshot.revision, snapshot.computed_at) == (newest.revision, newest.computed_at)

    def _is_young(self, snapshot: Snapshot) -> bool:
        """Return whether `snapshot` was computed so recently that its API cannot hang."""
        now = self.now()
        return now is not None and now - snapshot.computed_at < timedelta(seconds=SILENCE_S)


def _backoff() -> Iterator[float]:
    """Yield growing delays, each a little random so that many screens do not knock in step."""
    delay_s = _FIRST_DELAY_S
    while True:
        yield delay_s * random.uniform(0.8, 1.2)  # noqa: S311 - spreads reconnects, hides nothing
        delay_s = min(delay_s * 2, _LONGEST_DELAY_S)
