"""Sends screens to browsers: each change rendered once, its message shared by all of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from dashboards import formats
from dashboards.feed import Feed
from dashboards.screens import Rendered, Screen, changes, whole

_LONGEST_QUEUE = 64
"""A browser that is this many messages behind is cut off; it comes back and gets everything."""
_TICK_S = 1.0

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Viewer:
    """One browser's WebSocket: what it watches and what it has yet to be sent."""

    screen: str
    queue: asyncio.Queue[str | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=_LONGEST_QUEUE)
    )


class Broadcast:
    """Holds the viewers and the newest rendering of every screen that somebody watches."""

    def __init__(self, feed: Feed, screens: Mapping[str, Screen]) -> None:
        self._feed = feed
        self._screens = screens
        self._rendered: dict[str, Rendered] = {}
        self._viewers: set[Viewer] = set()
        self._last_clock: dict[str, object] = {}

    def join(self, screen: str) -> Viewer:
        """Return a new viewer of `screen` whose queue starts with the whole screen."""
        viewer = Viewer(screen=screen)
        self._viewers.add(viewer)
        if screen not in self._rendered:
            self._rendered[screen] = self._screens[screen].render(self._feed.view)
        self._put(viewer, whole(self._rendered[screen]))
        self._put(viewer, self._tick())
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget `viewer`; a screen that nobody watches is no longer rendered."""
        self._viewers.discard(viewer)
        for screen in self._rendered.keys() - {viewer.screen for viewer in self._viewers}:
            del self._rendered[screen]

    def show_change(self) -> None:
        """Render the watched screens and send what changed; called at every snapshot."""
        for screen, old in list(self._rendered.items()):
            new = self._screens[screen].render(self._feed.view)
            self._rendered[screen] = new
            message = changes(old, new)
            if message is not None:
                self._send(message, screen=screen)
        self._send(self._tick())

    async def tick(self) -> None:
        """Send the server's time at every whole second of it, for ever."""
        while True:
            now = self._feed.now()
            into_second_s = now.microsecond / 1e6 if now else time.time() % _TICK_S
            await asyncio.sleep(_TICK_S - into_second_s + 0.005)
            self._send(self._tick())

    def close(self) -> None:
        """Tell every viewer to hang up."""
        for viewer in list(self._viewers):
            self._cut(viewer)

    def _send(self, message: str, *, screen: str | None = None) -> None:
        for viewer in list(self._viewers):
            if screen is None or viewer.screen == screen:
                self._put(viewer, message)

    def _put(self, viewer: Viewer, message: str) -> None:
        try:
            viewer.queue.put_nowait(message)
        except asyncio.QueueFull:
            log.warning("viewer_too_slow", screen=viewer.screen)
            self._cut(viewer)

    def _cut(self, viewer: Viewer) -> None:
        while not viewer.queue.empty():
            viewer.queue.get_nowait()
        viewer.queue.put_nowait(None)
        self.leave(viewer)

    def _tick(self) -> str:
        """Return the heartbeat. Without the API the clock stands: nobody knows its time."""
        now, view = self._feed.now(), self._feed.view
        if now is not None and (self._feed.linked or not self._last_clock):
            self._last_clock = {
                "clock": formats.clock(now),
                "date_vi": formats.date_vi(now),
                "date_en": formats.date_en(now),
            }
        computed_at = view.snapshot.computed_at if view else None
        return json.dumps(
            {
                "kind": "tick",
                "linked": self._feed.linked,
                "now_ms": formats.epoch_ms(now) if now else None,
                "data_ms": formats.epoch_ms(computed_at) if computed_at else None,
                "data_clock": formats.clock(computed_at) if computed_at else None,
                **self._last_clock,
            }
        )
