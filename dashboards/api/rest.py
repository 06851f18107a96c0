"""The API over REST: however many desks of one person ask within a second, it is asked once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from contract.access import Visitor
from contract.readings import DeviceProblem, DeviceReading, Reading, ServerState, Unit
from contract.texts import Language
from dashboards.api.acts import Outcome, Verdict, outcome_of
from dashboards.api.alerts import AlertExplained, Alerts, RuleInForce, RuleWithHistory
from dashboards.api.asking import RELAY, Asking, asking
from dashboards.api.classes import Classes, ClassExplained, Scheme
from dashboards.api.comments import Answers, Comment
from dashboards.api.control import Control
from dashboards.api.judgements import Appraisal, Contest
from dashboards.api.planning import Planning
from dashboards.api.rankings import Explanation, Ranking
from dashboards.api.views import Catalogue
from dashboards.api.visiting import place_of_figures
from dashboards.errors import (
    ApiRefused,
    ApiUnreachable,
    ApiUnreadable,
    DashboardsError,
    FiguresMissing,
    NotAllowed,
    NotSignedIn,
    PeriodRefused,
)

FRESH_FOR_S = 1.0
"""An answer of the last second is given again."""
_TIMEOUT_S = 5.0
_ACT_TIMEOUT_S = 60.0
"""A file with many rows takes its time."""
_MOST_ANSWERS = 512
"""Questions whose last answer is kept; the longest unasked one is forgotten first."""
_REFUSED = range(400, 500)
_FILE_HEADERS = ("content-type", "content-disposition", "etag")
_CLOSED: Mapping[int, type[ApiRefused]] = MappingProxyType({401: NotSignedIn, 403: NotAllowed})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What `/readings` says, and the server's clock when it was computed."""

    computed_at: datetime
    readings: tuple[Reading, ...]
    previous: tuple[Reading, ...] | None = None
    year_before: tuple[Reading, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An officer in a unit."""

    code: str
    name: str
    unit: str


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
    """Asks the API over one pool of connections, as whoever is asking; used in one event loop.

    What one person was told is never told to another.
    """

    def __init__(self, api_url: str, *, relay_secret: str = "") -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{api_url.rstrip('/')}/api/v1",
            headers={RELAY: relay_secret} if relay_secret else {},
            trust_env=False,
            timeout=_TIMEOUT_S,
        )
        self._questions: dict[tuple[str | None, Language | None, str], _Question] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def forget(self, token: str | None) -> None:
        """Forget what whoever has this token was told: they have signed out."""
        for question in [key for key in self._questions if key[0] == token]:
            del self._questions[question]

    async def act(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        file: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Do something as whoever asks, once, and forget what they were told before."""
        headers = {**asking().headers(), **(headers or {})}
        if file is not None:
            headers["Content-Type"] = "application/octet-stream"
        try:
            response = await self._client.request(
                method, path, json=body, content=file, headers=headers, timeout=_ACT_TIMEOUT_S
            )
        except httpx.HTTPError as error:
            return Outcome(verdict=Verdict.AWAY, reason=str(error) or type(error).__name__)
        self.forget(asking().token)
        return outcome_of(response)

    async def file(self, path: str) -> tuple[Mapping[str, str], AsyncIterator[bytes]]:
        """Return a file's headers and its parts as they come; raise DashboardsError."""
        request = self._client.build_request("GET", path, headers=asking().headers())
        try:
            response = await self._client.send(request, stream=True)
            if response.is_error:
                await response.aread()
        except httpx.HTTPError as error:
            raise ApiUnreachable(f"{path}: {error or type(error).__name__}") from error
        if response.is_error:
            refused = ApiRefused if response.status_code in _REFUSED else ApiUnreachable
            raise _CLOSED.get(response.status_code, refused)(detail(response))
        kept = {name: response.headers[name] for name in _FILE_HEADERS if name in response.headers}
        return kept | {"X-Content-Type-Options": "nosniff"}, _parts(response)

    async def read(self, path: str, kind: type[T]) -> Answer[T]:
        """Return what the API says at `path`."""
        return await self._ask(path, kind)

    async def me(self) -> Answer[Visitor]:
        """Return who asks, and what they may see."""
        return await self._ask("/me", Visitor)

    async def may_watch(self, scope: str) -> Answer[bool]:
        """Return whether whoever asks may see the figures of `scope`."""
        query = urlencode({"right": "read_figures", "scope": scope})
        return await self._ask(f"/me/permission?{query}", bool)

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

    async def staff(self) -> Answer[tuple[Post, ...]]:
        """Return the officers whose names whoever asks may see."""
        return await self._ask("/staff", tuple[Post, ...])

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

    async def control_limits(
        self, *, kpis: Sequence[str], scope: str, period: str, by: str
    ) -> Answer[Control]:
        """Return within what these KPIs vary over the parts of `period` while nothing changes."""
        query = {"kpi": kpis, "scope": scope, "period": period, "by": by}
        return await self._ask(f"/control-limits?{urlencode(query, doseq=True)}", Control)

    async def ranking(
        self, *, kpi: str, period: str, by: str = "unit", compare: bool = False
    ) -> Answer[Ranking]:
        """Return the members of each kind with their ranks, as far as whoever asks may see them;
        refused for a KPI that ranks nobody.
        """
        query = {"kpi": kpi, "period": period, "by": by, "compare": str(compare).lower()}
        query |= _within_reach()
        return await self._ask(f"/rankings?{urlencode(query)}", Ranking)

    async def explanation(
        self, *, kpi: str, period: str, by: str, member: str
    ) -> Answer[Explanation]:
        """Return why a member stands where it stands."""
        query = {"kpi": kpi, "period": period, "by": by, "member": member, **_within_reach()}
        return await self._ask(f"/rankings/explanation?{urlencode(query)}", Explanation)

    async def schemes(self) -> Answer[tuple[Scheme, ...]]:
        """Return every version of every scheme."""
        return await self._ask("/schemes", tuple[Scheme, ...])

    async def classes(self, *, scheme: str, period: str) -> Answer[Classes]:
        """Return the classes of the units that whoever asks may see."""
        asked = urlencode({"scheme": scheme, "period": period})
        return await self._ask(f"/classes?{asked}", Classes)

    async def class_explained(
        self, *, scheme: str, period: str, unit: str, language: Language
    ) -> Answer[ClassExplained]:
        """Return where each point of a unit's class comes from, in words of one language."""
        asked = urlencode({"scheme": scheme, "period": period, "unit": unit, "lang": language})
        return await self._ask(f"/classes/explanation?{asked}", ClassExplained)

    async def appraisals(self, *, period: str, unit: str) -> Answer[tuple[Appraisal, ...]]:
        """Return the appraisals that whoever asks may see; empty texts ask for all."""
        return await self._ask(_narrowed("/appraisals", period, unit), tuple[Appraisal, ...])

    async def contests(self, *, period: str, unit: str) -> Answer[tuple[Contest, ...]]:
        """Return the contests that whoever asks may see; empty texts ask for all."""
        return await self._ask(_narrowed("/contests", period, unit), tuple[Contest, ...])

    async def alerts(self, *, scope: str = "province", closed: bool = False) -> Answer[Alerts]:
        """Return the alerts in `scope` that whoever asks may see: open ones, or closed ones."""
        query: list[tuple[str, str]] = [] if scope == "province" else [("scope", scope)]
        query += [("state", state) for state in ("resolved", "withdrawn") if closed]
        return await self._ask(f"/alerts?{urlencode(query)}" if query else "/alerts", Alerts)

    async def alert(self, id_: str) -> Answer[AlertExplained]:
        """Return one alert with why."""
        return await self._ask(f"/alerts/{quote(id_, safe='')}", AlertExplained)

    async def alert_rule(self, id_: str) -> Answer[RuleWithHistory]:
        """Return one rule with its file and its history."""
        return await self._ask(f"/alert-rules/{quote(id_, safe='')}", RuleWithHistory)

    async def comments(self, *, unit: str, state: str = "") -> Answer[tuple[Comment, ...]]:
        """Return the comments of a unit, marked ones first; `state` is `unread`, `read` or all."""
        asked = urlencode({"unit": unit} | ({"state": state} if state else {}))
        return await self._ask(f"/comments?{asked}", tuple[Comment, ...])

    async def answers(self, *, unit: str, period: str) -> Answer[Answers]:
        """Return what was answered to the questions on telephones, of one unit."""
        asked = urlencode({"unit": unit, "period": period})
        return await self._ask(f"/answers?{asked}", Answers)

    async def alert_rules(self) -> Answer[tuple[RuleInForce, ...]]:
        """Return the rules of alerts that hold."""
        return await self._ask("/alert-rules", tuple[RuleInForce, ...])

    async def planning(self, *, unit: str, period: str = "") -> Answer[Planning]:
        """Return the counters that `unit` needs by hour and weekday, from the last weeks."""
        asked = urlencode({"unit": unit} | ({"period": period} if period else {}))
        return await self._ask(f"/planning?{asked}", Planning)

    async def _ask(self, path: str, kind: Any) -> Answer[Any]:  # noqa: ANN401 - a type expression
        now_s, who = time.monotonic(), asking()
        known = self._questions.pop((who.token, who.language, path), None)
        if known is None or (known.asking.done() and now_s - known.asked_s >= FRESH_FOR_S):
            last = known.last if known else Answer(value=None)
            task = asyncio.create_task(self._request(path, kind, last, who))
            known = _Question(asked_s=now_s, asking=task, last=last)
        self._questions[who.token, who.language, path] = known
        while len(self._questions) > _MOST_ANSWERS:
            del self._questions[next(iter(self._questions))]
        known.last = await asyncio.shield(known.asking)
        return known.last

    async def _request(
        self,
        path: str,
        kind: Any,  # noqa: ANN401
        last: Answer[Any],
        who: Asking,
    ) -> Answer[Any]:
        try:
            response = await self._client.get(path, headers=who.headers())
            if response.status_code in _CLOSED:
                return Answer(value=None, error=_CLOSED[response.status_code](detail(response)))
            if response.status_code in _REFUSED:
                why = PeriodRefused if _code(response) == "period_invalid" else ApiRefused
                return Answer(value=None, error=why(detail(response)))
            if response.is_error:
                wrong = FiguresMissing if _is_computing(response) else ApiUnreachable
                return replace(last, error=wrong(detail(response)))
            value = msgspec.json.decode(response.content, type=kind)
            return Answer(value=value, at=_server_time(response))
        except httpx.HTTPError as error:
            return replace(last, error=ApiUnreachable(f"{path}: {error or type(error).__name__}"))
        except msgspec.MsgspecError as error:
            unreadable = f"{path} says what this release cannot read: {error}"
            return replace(last, error=ApiUnreadable(unreadable))


def _within_reach() -> dict[str, str]:
    """Return the place in which members are ranked, where it is not the whole province."""
    place = place_of_figures()
    return {} if place == "province" else {"scope": place}


async def _parts(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in response.aiter_bytes():
            yield part
    finally:
        await response.aclose()


def _narrowed(path: str, period: str, unit: str) -> str:
    asked = {name: value for name, value in (("period", period), ("unit", unit)) if value}
    return f"{path}?{urlencode(asked)}" if asked else path


def detail(response: httpx.Response) -> str:
    """Return why the API does not answer, in its own words where it has some."""
    try:
        detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError, AttributeError):
        detail = response.reason_phrase
    return str(detail)


def _is_computing(response: httpx.Response) -> bool:
    """Return whether the API is well, and its worker has still to compute what was asked for."""
    return _code(response) == "figures_missing"


def _code(response: httpx.Response) -> str:
    try:
        return str(response.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def _server_time(response: httpx.Response) -> datetime:
    """Return the server's clock to the second, this machine's where the answer bears none."""
    try:
        return parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
