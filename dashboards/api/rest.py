"""The API over REST: however many desks ask within a second, the API is asked once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from contract.readings import DeviceProblem, DeviceReading, Reading, ServerState, Unit
from dashboards.api.views import Catalogue
from dashboards.errors import ApiRefused, ApiUnreachable, ApiUnreadable, DashboardsError

FRESH_FOR_S = 1.0
"""An answer of the last second is given again."""
_TIMEOUT_S = 5.0
_MOST_ANSWERS = 64
"""Questions whose last answer is kept; the longest unasked one is forgotten first."""
_REFUSED = range(400, 500)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What `/readings` says, and the server's clock when it was computed."""

    computed_at: datetime
    readings: tuple[Reading, ...]
    previous: tuple[Reading, ...] | None = None
    year_before: tuple[Reading, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What `/health` says of the server's own state."""

    server: ServerState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """The newest value and the server's time of it, None if there never was one.

    With `error` it is an old one.
    """

    value: T | None
    at: datetime | None = None
    error: DashboardsError | None = None


@dataclass(slots=True)
class _Question:
    """One address: when it was last asked, by which request, and the last value."""

    asked_s: float
    asking: asyncio.Task[Answer[Any]]
    last: Answer[Any]


class RestClient:
    """Asks the API over one pool of connections; used in one event loop."""

    def __init__(self, api_url: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{api_url.rstrip('/')}/api/v1", trust_env=False, timeout=_TIMEOUT_S
        )
        self._questions: dict[str, _Question] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def catalogue(self) -> Answer[Catalogue]:
        """Return the KPI catalogue."""
        return await self._ask("/catalogue", Catalogue)

    async def alarms(self) -> tuple[DeviceProblem, ...]:
        """Return what is wrong with the server itself, as far as it is known."""
        answer: Answer[Health] = await self._ask("/health", Health)
        server = None if answer.value is None else answer.value.server
        return () if server is None else server.alarms

    async def units(self) -> Answer[tuple[Unit, ...]]:
        """Return the units that are valid today."""
        return await self._ask("/units", tuple[Unit, ...])

    async def devices(self) -> Answer[tuple[DeviceReading, ...]]:
        """Return every known device."""
        return await self._ask("/devices", tuple[DeviceReading, ...])

    async def readings(
        self,
        *,
        kpis: Sequence[str],
        scope: str,
        period: str = "",
        by: Sequence[str] = (),
        compare: Sequence[str] = (),
    ) -> Answer[Readings]:
        """Return these KPIs of `scope`: now and today, or of `period`; whole or broken down."""
        query = {"kpi": kpis, "scope": scope, "by": by, "compare": compare}
        asked = urlencode(query | ({"period": period} if period else {}), doseq=True)
        return await self._ask(f"/readings?{asked}", Readings)

    async def _ask(self, path: str, kind: Any) -> Answer[Any]:  # noqa: ANN401 - a type expression
        now_s = time.monotonic()
        known = self._questions.pop(path, None)
        if known is None or (known.asking.done() and now_s - known.asked_s >= FRESH_FOR_S):
            last = known.last if known else Answer(value=None)
            asking = asyncio.create_task(self._request(path, kind, last))
            known = _Question(asked_s=now_s, asking=asking, last=last)
        self._questions[path] = known
        while len(self._questions) > _MOST_ANSWERS:
            del self._questions[next(iter(self._questions))]
        known.last = await asyncio.shield(known.asking)
        return known.last

    async def _request(self, path: str, kind: Any, last: Answer[Any]) -> Answer[Any]:  # noqa: ANN401
        try:
            response = await self._client.get(path)
            if response.status_code in _REFUSED:
                return Answer(value=None, error=ApiRefused(_detail(response)))
            if response.is_error:
                return replace(last, error=ApiUnreachable(_detail(response)))
            value = msgspec.json.decode(response.content, type=kind)
            return Answer(value=value, at=_server_time(response))
        except httpx.HTTPError as error:
            return replace(last, error=ApiUnreachable(f"{path}: {error or type(error).__name__}"))
        except msgspec.MsgspecError as error:
            unreadable = f"{path} says what this release cannot read: {error}"
            return replace(last, error=ApiUnreadable(unreadable))


def _detail(response: httpx.Response) -> str:
    """Return why the API does not answer, in its own words where it has some."""
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = response.reason_phrase
    return str(detail)


def _server_time(response: httpx.Response) -> datetime:
    """Return the server's clock to the second, this machine's where the answer bears none."""
    try:
        return parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
