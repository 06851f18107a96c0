from __future__ import annotations

import json
from dataclasses import dataclass, field

from dashboards.feed import Feed, View
from dashboards.live import Broadcast, Viewer
from dashboards.screens import Rendered
from server.kpi.catalogue import DEFINITIONS
from tests import coroutines
from tests.dashboards.examples import snapshot


@dataclass
class Counter:
    """A screen whose only part is how often it was rendered."""

    renderings: list[int] = field(default_factory=list)

    def render(self, view: View | None) -> Rendered:
        self.renderings.append(1)
        return Rendered(frame='"frame"', parts={"count": str(len(self.renderings))})


def kinds(viewer: Viewer) -> list[str]:
    found = []
    while not viewer.queue.empty():
        message = viewer.queue.get_nowait()
        found.append("end" if message is None else json.loads(message)["kind"])
    return found


def test_a_change_is_rendered_once_for_all_viewers() -> None:
    async def run() -> None:
        screen = Counter()
        broadcast = Broadcast(Feed("http://unused"), {"wall": screen})
        viewers = [broadcast.join("wall") for _ in range(50)]
        assert len(screen.renderings) == 1
        broadcast.show_change()
        assert len(screen.renderings) == 2
        assert {tuple(kinds(viewer)) for viewer in viewers} == {("whole", "tick", "parts", "tick")}

    coroutines.run(run())


def test_what_nobody_watches_is_not_rendered() -> None:
    async def run() -> None:
        screen = Counter()
        broadcast = Broadcast(Feed("http://unused"), {"wall": screen})
        broadcast.leave(broadcast.join("wall"))
        broadcast.show_change()
        assert len(screen.renderings) == 1

    coroutines.run(run())


def test_a_viewer_that_does_not_keep_up_is_told_to_come_again() -> None:
    async def run() -> None:
        broadcast = Broadcast(Feed("http://unused"), {"wall": Counter()})
        slow = broadcast.join("wall")
        for _ in range(100):
            broadcast.show_change()
        assert kinds(slow) == ["end"]

    coroutines.run(run())


def test_the_clock_stands_while_the_api_is_away() -> None:
    async def run() -> None:
        feed = Feed("http://unused")
        feed.view, feed.linked = View(catalogue=DEFINITIONS, snapshot=snapshot()), False
        viewer = Broadcast(feed, {"wall": Counter()}).join("wall")
        viewer.queue.get_nowait()
        tick = json.loads(viewer.queue.get_nowait() or "")
        assert tick["linked"] is False
        assert "clock" not in tick
        assert tick["data_clock"]

    coroutines.run(run())
