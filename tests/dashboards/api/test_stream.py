from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import msgspec
import pytest
from fastapi import FastAPI, Response, WebSocket
from structlog.testing import capture_logs

from dashboards.api import stream as stream_module
from dashboards.api.stream import ScopeStream
from tests import coroutines
from tests.dashboards.examples import CATALOGUE, example, many_units, situation
from tests.dashboards.stand_in import Served, StandInApi, served, whole

DEADLINE_S = 60.0


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def follow(
    api_url: str, *steps: Callable[[ScopeStream], bool], scope: str = "province"
) -> ScopeStream:
    """Follow the API until each of `steps` has held in turn after some change."""

    async def run() -> ScopeStream:
        stream, changed = ScopeStream(api_url, scope), asyncio.Event()
        task = asyncio.create_task(stream.follow(changed.set))
        try:
            async with asyncio.timeout(DEADLINE_S):
                for step in steps:
                    while not step(stream):
                        await changed.wait()
                        changed.clear()
        finally:
            await stop(task)
        return stream

    return coroutines.run(run())


def linked(stream: ScopeStream) -> bool:
    return stream.linked


@pytest.fixture
def api() -> Iterator[Served]:
    """An API of the test's own, which it may stop."""
    with served(StandInApi(CATALOGUE, situation(many_units(3)))) as stand_in:
        yield stand_in


def test_the_newest_readings_are_kept_with_the_catalogue(api: StandInApi) -> None:
    stream = follow(api.url, linked)
    assert stream.view is not None
    assert stream.view.catalogue == CATALOGUE
    assert len(stream.view.places) == 4


def test_changes_are_merged_and_a_scope_hears_of_itself_alone(api: StandInApi) -> None:
    def publish(stream: ScopeStream) -> bool:
        if stream.linked:
            first, *others = api.situation.units
            changed = example("unit-000", first.place.name_vi, ratings=4321)
            api.publish(situation((changed, *others), head=api.situation.head))
        return stream.linked

    def has_changed(stream: ScopeStream) -> bool:
        assert stream.view is not None
        return stream.view.reading("subtree:unit-000", "ratings").value == 4321

    stream = follow(api.url, publish, has_changed, scope="subtree:unit-000")
    assert stream.view is not None
    assert {scope for scope, _ in stream.view.readings} == {"subtree:unit-000"}


def test_a_scope_that_the_api_does_not_know_is_refused(api: StandInApi) -> None:
    stream = follow(api.url, lambda stream: stream.refused is not None, scope="subtree:nowhere")
    assert stream.refused == "there is no such unit"
    assert not stream.linked


def test_the_link_heals_and_old_data_stay_meanwhile(api: StandInApi) -> None:
    def cut(stream: ScopeStream) -> bool:
        if stream.linked:
            return False
        assert stream.view is not None
        api.publish(situation(many_units(1)))
        api.start()
        return True

    def stop_api(stream: ScopeStream) -> bool:
        if stream.linked:
            api.stop()
        return stream.linked

    stream = follow(api.url, stop_api, cut, linked)
    assert stream.view is not None
    assert len(stream.view.places) == 2


def test_a_silent_api_is_not_a_living_one(monkeypatch: pytest.MonkeyPatch, api: StandInApi) -> None:
    monkeypatch.setattr(stream_module, "SILENCE_S", 0.3)
    api.beats = False
    with capture_logs() as logs:
        follow(api.url, linked, lambda stream: not stream.linked)
    assert any("fell silent" in log.get("reason", "") for log in logs)


def test_readings_that_were_seen_before_neither_link_nor_turn_the_clock_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_module, "SILENCE_S", 0.3)
    old = situation(many_units(1))
    told: list[str] = []
    app = FastAPI()

    async def stream_old(socket: WebSocket, scope: str) -> None:
        await socket.accept()
        await socket.send_bytes(msgspec.json.encode(whole(old, 5, scope)))
        told.append(scope)
        await socket.receive()

    app.add_api_route("/api/v1/catalogue", lambda: Response(msgspec.json.encode(CATALOGUE)))
    app.add_api_websocket_route("/api/v1/stream", stream_old)
    before: list[datetime] = []

    def cut(stream: ScopeStream) -> bool:
        before.append(stream.now() or old.at)
        return not stream.linked

    def told_again(stream: ScopeStream) -> bool:
        assert not stream.linked
        return len(told) >= 2

    with served(Served(app)) as api:
        stream = follow(api.url, linked, cut, told_again)
    now = stream.now()
    assert now is not None
    assert now > before[-1] > old.at
    assert stream.view is not None
    assert stream.view.revision == 5


def test_after_a_gap_everything_is_asked_for_again() -> None:
    now = situation(many_units(1))
    asked: list[str | None] = []
    app = FastAPI()

    async def stream_with_gap(socket: WebSocket, scope: str, since: str | None = None) -> None:
        await socket.accept()
        asked.append(since)
        first, later = whole(now, 5, scope), whole(now, 9, scope)
        await socket.send_bytes(msgspec.json.encode(first))
        if len(asked) == 1:
            lost = replace(later, since=8, places=(), readings=())
            await socket.send_bytes(msgspec.json.encode(lost))
        await socket.receive()

    app.add_api_route("/api/v1/catalogue", lambda: Response(msgspec.json.encode(CATALOGUE)))
    app.add_api_websocket_route("/api/v1/stream", stream_with_gap)
    with served(Served(app)) as api, capture_logs() as logs:
        follow(api.url, linked, lambda _: len(asked) > 1)
    assert asked[:2] == [None, None]
    assert any(log["event"] == "api_updates_missing" for log in logs)


@pytest.mark.parametrize(
    ("catalogue", "told"),
    [(b"[]", '{"revision": "x"}'), (b'[{"id": 3}]', "{}"), (b"not JSON", "{}")],
)
def test_what_cannot_be_read_is_said_and_does_no_harm(catalogue: bytes, told: str) -> None:
    app = FastAPI()
    asked = threading.Semaphore(0)

    async def stream_nonsense(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(told)

    def serve_catalogue() -> Response:
        asked.release()
        return Response(catalogue)

    app.add_api_route("/api/v1/catalogue", serve_catalogue)
    app.add_api_websocket_route("/api/v1/stream", stream_nonsense)
    with served(Served(app)) as api, capture_logs() as logs:

        async def run() -> ScopeStream:
            stream = ScopeStream(api.url, "province")
            task = asyncio.create_task(stream.follow(lambda: None))
            for _ in range(3):
                assert await asyncio.to_thread(asked.acquire, timeout=DEADLINE_S)
            await stop(task)
            return stream

        stream = coroutines.run(run())
    assert stream.view is None
    assert not stream.linked
    assert any("one release" in log.get("reason", "") for log in logs)
