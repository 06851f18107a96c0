from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from fastapi import FastAPI, Response, WebSocket
from structlog.testing import capture_logs

from dashboards import feed as feed_module
from dashboards.feed import Feed
from server.kpi.catalogue import DEFINITIONS
from tests import coroutines
from tests.dashboards.examples import many_units, snapshot
from tests.dashboards.stand_in import Served, StandInApi, served

DEADLINE_S = 60.0


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def follow(api_url: str, *steps: Callable[[Feed], bool]) -> Feed:
    """Follow the API until each of `steps` has held in turn after some change."""

    async def run() -> Feed:
        feed, changed = Feed(api_url), asyncio.Event()
        task = asyncio.create_task(feed.follow(changed.set))
        try:
            async with asyncio.timeout(DEADLINE_S):
                for step in steps:
                    while not step(feed):
                        await changed.wait()
                        changed.clear()
        finally:
            await stop(task)
        return feed

    return coroutines.run(run())


def test_the_newest_snapshot_is_kept_with_the_catalogue(api: StandInApi) -> None:
    feed = follow(api.url, lambda feed: feed.linked)
    assert feed.view is not None
    assert feed.view.catalogue == DEFINITIONS
    assert len(feed.view.snapshot.units) == 3


def test_the_link_heals_and_old_data_stay_meanwhile(api: StandInApi) -> None:
    def cut(feed: Feed) -> bool:
        if feed.linked:
            return False
        assert feed.view is not None
        api.publish(snapshot(many_units(1)))
        api.start()
        return True

    def linked(feed: Feed) -> bool:
        if feed.linked:
            api.stop()
        return feed.linked

    feed = follow(api.url, linked, cut, lambda feed: feed.linked)
    assert feed.view is not None
    assert len(feed.view.snapshot.units) == 1


def test_a_silent_api_is_not_a_living_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "SILENCE_S", 0.3)
    with served(StandInApi(DEFINITIONS, snapshot(many_units(1)))) as api, capture_logs() as logs:
        follow(api.url, lambda feed: feed.linked, lambda feed: not feed.linked)
    assert any("fell silent" in log.get("reason", "") for log in logs)


def test_a_snapshot_that_was_seen_before_neither_links_nor_turns_the_clock_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_module, "SILENCE_S", 0.3)
    old = snapshot(many_units(1))
    before: list[datetime] = []

    def cut(feed: Feed) -> bool:
        before.append(feed.now() or old.computed_at)
        return not feed.linked

    def told_again(feed: Feed) -> bool:
        assert not feed.linked
        return api.greeted > 2

    with served(StandInApi(DEFINITIONS, old)) as api:
        feed = follow(api.url, lambda feed: feed.linked, cut, told_again)
    now = feed.now()
    assert now is not None
    assert now > before[-1] > old.computed_at
    assert feed.view is not None
    assert feed.view.snapshot == old


@pytest.mark.parametrize(
    ("catalogue", "told"),
    [(b"[]", '{"revision": "x"}'), (b'[{"id": 3}]', "{}"), (b"not JSON", "{}")],
)
def test_what_cannot_be_read_is_said_and_does_no_harm(catalogue: bytes, told: str) -> None:
    app = FastAPI()
    asked = threading.Semaphore(0)

    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(told)

    def serve_catalogue() -> Response:
        asked.release()
        return Response(catalogue)

    app.add_api_route("/api/v1/catalogue", serve_catalogue)
    app.add_api_websocket_route("/api/v1/stream", stream)
    with served(Served(app)) as api, capture_logs() as logs:

        async def run() -> Feed:
            feed = Feed(api.url)
            task = asyncio.create_task(feed.follow(lambda: None))
            for _ in range(3):
                assert await asyncio.to_thread(asked.acquire, timeout=DEADLINE_S)
            await stop(task)
            return feed

        feed = coroutines.run(run())
    assert feed.view is None
    assert not feed.linked
    assert any("one release" in log.get("reason", "") for log in logs)
