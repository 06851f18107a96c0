"""A real API server in a thread of the test: the contract's JSON over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

from contract.access import Visitor
from contract.readings import KpiDefinition, Reading, ServerState, Update, encode
from dashboards.api.planning import Planning
from dashboards.api.stream import UNKNOWN_SCOPE
from server.alerts.control import ControlAnswer
from tests.dashboards import provinces
from tests.dashboards.examples import Situation
from tests.processes import free_port
from tests.waiting import eventually

NOTHING_TOLD = dict.fromkeys(("appraisals", "contests", "schemes"), b"[]")
TRIAL = Visitor(
    name="admin",
    kind="trial",
    rights=dict.fromkeys(
        ("read_figures", "read_devices", "read_appraisals", "read_contests"), ("province",)
    ),
)
BEAT_S = 1.0
"""How often a stream says that nothing changed; the real API does every 5 s at least."""
_REVISIONS = count(1)


class Served:
    """Any ASGI application on a port of its own; it can be stopped and started again there."""

    def __init__(self, app: FastAPI, *, port: int | None = None) -> None:
        self.app = app
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(
            self.app,
            port=self.port,
            log_config=None,
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        eventually(lambda: self._server.started, what="the server's start")

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()


class StandInApi(Served):
    """Says what the API would say; `publish` is the only way its figures change."""

    def __init__(self, catalogue: Sequence[KpiDefinition], situation: Situation) -> None:
        self.catalogue = tuple(catalogue)
        self.asked: Counter[str] = Counter()  # requests by their path and query
        self.greeted = 0  # how many streams have sent their first update
        self.beats = True  # whether streams say every second that nothing changed
        self.health: dict[str, ServerState] = {}
        self.plans: dict[str, Planning] = {}  # by unit
        self.down = False  # whether REST answers 503
        self.slow_s = 0.0  # how long REST takes to answer
        self.calendar_alone = False  # whether satisfaction is refused of a range of days
        self.outdated = False  # whether figures come as another release says them
        self.visitor: Visitor | None = TRIAL  # None: whoever asks is not known any more
        self.told: Mapping[str, bytes] = NOTHING_TOLD  # what is answered at other paths
        self.taken: list[tuple[str, str, bytes]] = []  # what was done: method, path and body
        self.answered: tuple[int, object] = (200, {})  # how the next acts are answered
        self._subscribers: dict[
            asyncio.Queue[Update | None], tuple[str, asyncio.AbstractEventLoop]
        ] = {}
        self._set(situation)
        app = FastAPI()
        app.middleware("http")(self._count)
        app.add_api_route("/api/v1/catalogue", lambda: _json(self.catalogue))
        app.add_api_route("/api/v1/me", lambda: _json(self.visitor))
        app.add_api_route("/api/v1/me/permission", lambda: True)
        app.add_api_route("/api/v1/units", lambda: _json([e.unit for e in self.situation.units]))
        app.add_api_route("/api/v1/alerts", self._serve_alerts)
        app.add_api_route("/api/v1/devices", lambda: _json(self.situation.devices))
        app.add_api_route("/api/v1/health", lambda: _json(self.health))
        app.add_api_route("/api/v1/readings", self._serve_readings)
        app.add_api_route("/api/v1/rankings", self._serve_ranking)
        app.add_api_route("/api/v1/control-limits", self._serve_limits)
        app.add_api_route("/api/v1/planning", self._serve_planning)
        app.add_api_route("/api/v1/{path:path}", self._serve_told)
        app.add_api_route("/api/v1/{path:path}", self._take, methods=["POST", "PUT", "DELETE"])
        app.add_api_websocket_route("/api/v1/stream", self._stream)
        super().__init__(app)

    def publish(self, situation: Situation) -> None:
        """Say this from now on: streams get what changed, or all if the units are others."""
        before = self.situation, self.revision
        self._set(situation)
        for queue, (scope, loop) in list(self._subscribers.items()):
            update = change(*before, situation, self.revision, scope)
            loop.call_soon_threadsafe(queue.put_nowait, update)

    def drop_streams(self) -> None:
        """Close every stream, as a restart would: who comes back asks for the catalogue again."""
        for queue, (_, loop) in list(self._subscribers.items()):
            loop.call_soon_threadsafe(queue.put_nowait, None)

    def now(self) -> datetime:
        """The server's clock, which the situation was made with."""
        return self.situation.at + timedelta(seconds=time.monotonic() - self._published_s)

    def _set(self, situation: Situation) -> None:
        self.situation, self._published_s = situation, time.monotonic()
        self.revision = next(_REVISIONS)

    async def _count(self, request: Request, answer):  # type: ignore[no-untyped-def]
        self.asked[f"{request.url.path}?{request.url.query}".rstrip("?")] += 1
        if self.down and not request.url.path.endswith("/catalogue"):
            return JSONResponse({"detail": "the database is away"}, 503)
        if self.visitor is None:
            return JSONResponse({"detail": "sign in again"}, 401)
        if self.outdated and request.url.path.rpartition("/")[2] in ("readings", "rankings"):
            return JSONResponse({"figures": [1, 2, 3]})
        if self.calendar_alone and self._cuts_the_calendar(request):
            said = "share_satisfied is told by periods of the calendar alone: a day as 2026-10-31"
            return JSONResponse({"code": "period_invalid", "detail": said}, 422)
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        return await answer(request)

    def _serve_ranking(self, request: Request) -> Response:
        period = request.query_params["period"]
        return JSONResponse(provinces.ranking(self.situation, period, self.now()))

    def _serve_readings(self, request: Request) -> Response:
        query = request.query_params
        scope = query.get("scope", "province")
        shown = self.situation.within(scope.partition(";")[0])
        if not shown:
            said = {"vi": "không có đơn vị", "en": "there is no unit"}
            language = request.headers.get("accept-language", "vi")
            return JSONResponse({"detail": f"{said[language]} {scope!r}"}, 404)
        units = shown[1:] if scope == "province" else shown
        readings = tuple(reading for unit in units for reading in unit.readings)
        asked = provinces.Asked(
            kpis=tuple(query.getlist("kpi")),
            scope=scope,
            period=query.get("period", ""),
            by=tuple(query.getlist("by")),
        )
        live = not asked.period and "counter" not in asked.by
        if not live or not {reading.kpi for reading in readings} & set(asked.kpis):
            readings = provinces.readings(self.situation, asked, self.now())
        at = self.now().isoformat()
        previous = b""
        if query.getlist("compare"):
            before = replace(asked, period=f"{asked.period} before", by=())
            before = replace(before, by=tuple(set(asked.by) & {"unit"}))
            told = provinces.readings(self.situation, before, self.now())
            previous = b',"previous":' + encode(told)
        return Response(
            b'{"computed_at":"%s","readings":%s%s}' % (at.encode(), encode(readings), previous),
            media_type="application/json",
        )

    def _serve_limits(self, request: Request) -> Response:
        query = request.query_params
        asked = provinces.Asked(
            kpis=tuple(query.getlist("kpi")),
            scope=query["scope"],
            period=query["period"],
            by=(query["by"],),
        )
        told = provinces.readings(self.situation, asked, self.now())
        found = provinces.control_limits(told, asked, self.now())
        return _json(ControlAnswer(computed_at=self.now(), readings=told, limits=found))

    def _serve_planning(self, unit: str, period: str = "") -> Response:
        plan = self.plans.get(unit)
        if plan is None:
            return JSONResponse({"detail": f"unit {unit!r} is not known"}, 404)
        return _json(replace(plan, period=period or plan.period))

    def become(self, visitor: Visitor, dashboards: Served) -> None:
        """Say that somebody else looks, and wait until the dashboards have heard of it."""
        self.visitor = visitor
        eventually(
            lambda: visitor.full_name in httpx.get(f"{dashboards.url}/visitor").text,
            what=f"{visitor.full_name} in front of the dashboards",
        )

    def _serve_alerts(self) -> Response:
        if "alerts" in self.told:
            return Response(self.told["alerts"], media_type="application/json")
        return _json(provinces.alerts(self.situation))

    def _cuts_the_calendar(self, request: Request) -> bool:
        """Return whether opinions are asked for in a range of days, as the API refuses it."""
        query = request.query_params
        whole = not {"day", "week", "month"} & set(query.getlist("by"))
        return (
            whole and ".." in query.get("period", "") and "share_satisfied" in query.getlist("kpi")
        )

    async def _serve_told(self, path: str) -> Response:
        if path not in self.told:
            return JSONResponse({"detail": f"there is no {path}"}, 404)
        return Response(self.told[path], media_type="application/json")

    async def _take(self, path: str, request: Request) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        self.taken.append((request.method, f"/{path}{query}", await request.body()))
        status, body = self.answered
        return JSONResponse(body, status)

    async def _stream(self, socket: WebSocket, scope: str, since: int | None = None) -> None:
        await socket.accept()
        if not self.situation.within(scope):
            await socket.close(UNKNOWN_SCOPE, "there is no such unit")
            return
        queue: asyncio.Queue[Update | None] = asyncio.Queue()
        self._subscribers[queue] = scope, asyncio.get_running_loop()
        gone = asyncio.create_task(socket.receive())
        try:
            if since != self.revision:
                await self._greet(socket, scope)
            self.greeted += 1
            while not gone.done():
                taking = asyncio.create_task(queue.get())
                await asyncio.wait(
                    {taking, gone}, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED
                )
                if taking.done():
                    update = taking.result()
                    if update is None:
                        await socket.close(1012)
                        return
                    await _send(socket, update)
                    continue
                taking.cancel()
                if self.beats and not gone.done():
                    await _send(socket, self._beat(scope))
        except WebSocketDisconnect:
            pass
        finally:
            gone.cancel()
            del self._subscribers[queue]

    async def _greet(self, socket: WebSocket, scope: str) -> None:
        if self.outdated:
            await socket.send_json({"snapshot": {}})
        else:
            await _send(socket, whole(self.situation, self.revision, scope))

    def _beat(self, scope: str) -> Update:
        return Update(
            revision=self.revision, since=self.revision, computed_at=self.now(), scope=scope
        )


def whole(situation: Situation, revision: int, scope: str) -> Update:
    """Everything about a scope."""
    shown = situation.within(scope)
    return Update(
        revision=revision,
        computed_at=situation.at,
        scope=scope,
        places=tuple(each.place for each in shown),
        readings=tuple(reading for each in shown for reading in each.readings),
    )


def change(old: Situation, since: int, new: Situation, revision: int, scope: str) -> Update:
    """What leads from one situation to the next."""
    update = whole(new, revision, scope)
    before = whole(old, since, scope)
    if before.places != update.places:
        return update
    held = {(reading.scope, reading.kpi): reading for reading in before.readings}
    changed: list[Reading] = []
    observed: dict[str, dict[str, datetime]] = {}
    for reading in update.readings:
        known = held[reading.scope, reading.kpi]
        if known == reading:
            continue
        if reading.observed_at and _lasting(known) == _lasting(reading):
            observed.setdefault(reading.kpi, {})[reading.scope] = reading.observed_at
        else:
            changed.append(reading)
    return replace(update, since=since, places=(), readings=tuple(changed), observed=observed)


def _lasting(reading: Reading) -> Reading:
    age = reading.kpi == "data_age"
    return replace(reading, observed_at=None, value=None if age else reading.value)


async def _send(socket: WebSocket, update: Update) -> None:
    await socket.send_text(encode(update).decode())


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")


@contextmanager
def served(server: Served) -> Iterator[Served]:
    server.start()
    try:
        yield server
    finally:
        server.stop()
