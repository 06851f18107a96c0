from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboards.api.rest import RestClient
from dashboards.push import live
from dashboards.push.choice import Choice
from dashboards.push.live import Broadcast, Viewer
from dashboards.push.wall import Wall
from runtime.identity import Identity
from tests import coroutines
from tests.dashboards.examples import many_units, view

PROVINCE = Choice()


def broadcast() -> Broadcast:
    nowhere = "http://127.0.0.1:9"
    return Broadcast(api_url=nowhere, api=RestClient(nowhere), identity=Identity(), trial=True)


def kinds(viewer: Viewer) -> list[str]:
    found = []
    while not viewer.queue.empty():
        message = viewer.queue.get_nowait()
        found.append("end" if message is None else json.loads(message)["kind"])
    return found


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that any wall was rendered; each differs from the one before."""
    done: list[int] = []
    render: Callable[..., object] = Wall.render

    def count(self: Wall, *args: object, **rest: object) -> object:
        done.append(1)
        rendered = render(self, view(many_units(1)))
        return replace(rendered, parts={"a": str(len(done))})  # type: ignore[type-var]

    monkeypatch.setattr(live.Wall, "render", count)
    return done


def test_a_change_is_rendered_once_for_all_who_see_the_same_wall(renderings: list[int]) -> None:
    async def run() -> None:
        walls = broadcast()
        async with walls.running():
            viewers = [walls.join(PROVINCE) for _ in range(50)]
            others = [walls.join(Choice(kpis=("visits",))) for _ in range(5)]
            assert len(renderings) == 2
            walls.show_change("province")
            assert len(renderings) == 4
            assert {tuple(kinds(v)) for v in (*viewers, *others)} == {
                ("whole", "tick", "parts", "tick")
            }

    coroutines.run(run())


def test_a_change_elsewhere_does_not_concern_a_scope(renderings: list[int]) -> None:
    async def run() -> None:
        walls = broadcast()
        async with walls.running():
            viewer = walls.join(Choice(scope="subtree:a"))
            walls.show_change("province")
            assert len(renderings) == 1
            assert kinds(viewer) == ["whole", "tick"]

    coroutines.run(run())


def test_what_nobody_watches_is_not_rendered(renderings: list[int]) -> None:
    async def run() -> None:
        walls = broadcast()
        async with walls.running():
            walls.leave(walls.join(PROVINCE))
            walls.show_change("province")
            assert len(renderings) == 1

    coroutines.run(run())


def test_a_viewer_that_does_not_keep_up_is_told_to_come_again(renderings: list[int]) -> None:
    async def run() -> None:
        walls = broadcast()
        async with walls.running():
            slow = walls.join(PROVINCE)
            for _ in range(100):
                walls.show_change("province")
            assert kinds(slow) == ["end"]

    coroutines.run(run())
