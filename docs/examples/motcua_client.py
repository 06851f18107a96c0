"""A typed client of the API in one file: copy it. It needs httpx and msgspec, nothing of Motcua."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

T = TypeVar("T")


class Problem(Exception):
    """The API's refusal (RFC 9457): `code` is stable, `title` for people, `detail` says more."""

    def __init__(self, status: int, code: str, title: str, detail: str, request_id: str) -> None:
        super().__init__(f"{status} {code}: {detail} (request {request_id})")
        self.status, self.code, self.title = status, code, title
        self.detail, self.request_id = detail, request_id


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    name_vi: str
    name_en: str
    simulated: bool
    parent: str | None = None
    accepted: bool = True
    successor: str | None = None


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    unit: str
    id: str
    name_vi: str
    name_en: str


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI of one scope and period; without `value`, `withheld` says why."""

    kpi: str
    version: int
    scope: str
    period: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    parts: dict[str, float] | None = None
    withheld: str | None = None
    observed_at: datetime | None = None
    recounting: bool | None = None
    named: bool | None = None


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    computed_at: datetime
    readings: list[Reading]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A reading as a flat row with names."""

    place: str
    place_name: str
    scope: str
    kpi: str
    kpi_name: str
    family: str
    measure: str
    period: str
    n: int
    version: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    withheld: str | None = None
    observed_at: datetime | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    computed_at: datetime
    figures: list[Figure]


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What the stream says: everything of a scope, or with `since` what changed."""

    revision: int
    computed_at: datetime
    scope: str
    since: int | None = None
    readings: list[Reading] = []
    observed: dict[str, dict[str, datetime]] = {}


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A file for analysts; it is there once `finished_at` is set and `problem` is not."""

    id: str
    dataset: str
    format: str
    period: str
    scope: str
    finished_at: datetime | None = None
    entries: int | None = None
    bytes: int | None = None
    digest: str | None = None
    problem: str | None = None


class Motcua:
    """Asks the API at `url` with a key; use it in a `with` block."""

    def __init__(self, url: str, key: str | None = None, *, language: str = "vi") -> None:
        headers = {"Accept-Language": language}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30)
        self._held: dict[str, tuple[str, bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def units(self) -> list[Unit]:
        """Return the units that the key may read."""
        return list(self._pages("/api/v1/units", Unit))

    def counters(self, unit: str | None = None) -> list[Counter]:
        """Return the counters, of one unit or of all."""
        asked = {} if unit is None else {"unit": unit}
        return list(self._pages("/api/v1/counters", Counter, **asked))

    def readings(self, **asked: str | list[str]) -> list[Reading]:
        """Return readings: `kpi`, `scope`, `period` and `by` are as in docs/http-api.md."""
        return self._get("/api/v1/readings", Readings, asked).readings

    def figures(self, **asked: str | list[str]) -> list[Figure]:
        """Return flat figures, as docs/ioc.md describes them."""
        return self._get("/api/v1/ioc/figures", Figures, asked).figures

    def snapshot(self, scope: str = "province") -> Update:
        """Return what the stream would say first."""
        return self._get("/api/v1/snapshot", Update, {"scope": scope})

    def updates(self, scope: str = "province", after: int | None = None) -> Iterator[Update]:
        """Yield updates as they come, beginning after a revision; ends when the server goes."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        decoder = msgspec.json.Decoder(Update)
        with self._http.stream(
            "GET", "/api/v1/events", params={"scope": scope}, headers=headers
        ) as answer:
            if answer.is_error:
                answer.read()
                raise _problem(answer)
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield decoder.decode(line[6:])

    def export(self, *, within_s: float = 120.0, **asked: str) -> bytes:
        """Return a file for analysts once it is written; raise TimeoutError."""
        made = self._read(self._http.post("/api/v1/exports", json=asked), Export)
        until_s = time.monotonic() + within_s
        while made.finished_at is None:
            if time.monotonic() > until_s:
                raise TimeoutError(f"export {made.id} is not written after {within_s:g} s")
            time.sleep(0.5)
            made = self._read(self._http.get(f"/api/v1/exports/{made.id}"), Export)
        answer = self._http.get(f"/api/v1/exports/{made.id}/file")
        if answer.is_error:
            raise _problem(answer)
        return answer.content

    def _pages(self, path: str, kind: type[T], **asked: str) -> Iterator[T]:
        following: str | None = path
        params: dict[str, str] | None = {"limit": "500", **asked}
        while following is not None:
            answer = self._http.get(following, params=params)
            yield from self._read(answer, list[kind])  # type: ignore[valid-type]
            following, params = answer.links.get("next", {}).get("url"), None

    def _get(self, path: str, kind: type[T], asked: Mapping[str, Any]) -> T:
        """Ask, telling what is held: the answer is sent again only where it has changed."""
        request = self._http.build_request("GET", path, params=asked)
        held = self._held.get(str(request.url))
        if held is not None:
            request.headers["If-None-Match"] = held[0]
        answer = self._http.send(request)
        if answer.status_code == httpx.codes.NOT_MODIFIED and held is not None:
            return msgspec.json.decode(held[1], type=kind)
        found = self._read(answer, kind)
        if "etag" in answer.headers:
            self._held[str(request.url)] = (answer.headers["etag"], answer.content)
        return found

    def _read(self, answer: httpx.Response, kind: type[T]) -> T:
        if answer.is_error:
            raise _problem(answer)
        return msgspec.json.decode(answer.content, type=kind)


def _problem(answer: httpx.Response) -> Problem:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    return Problem(
        answer.status_code,
        str(said.get("code", "")),
        str(said.get("title", answer.reason_phrase)),
        str(said.get("detail", "")),
        str(said.get("request_id", "")),
    )
