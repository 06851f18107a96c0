"""Sends walls to browsers: each change rendered once, its message shared by all who watch it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from dashboards.api.stream import ScopeStream
from dashboards.look.ticks import Ticks
from dashboards.push.messages import Rendered, changes, to_json, whole
from dashboards.push.scenes import PROVINCE, Choice
from dashboards.push.wall import Wall

_LONGEST_QUEUE = 64
"""A browser that is this many messages behind is cut off; it comes back and gets everything."""
_TICK_S = 1.0

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Viewer:
    """One browser's WebSocket: what it watches, its token, and what it has yet to be sent."""

    choice: Choice
    token: str | None = None
    queue: asyncio.Queue[str | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=_LONGEST_QUEUE)
    )


@dataclass(slots=True, eq=False)
class _Group:
    """All who watch the same scope, scene and KPIs: their page turns at the same second."""

    wall: Wall
    channel: _Channel
    rendered: Rendered
    turn: int = 0
    viewers: set[Viewer] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class _Channel:
    """The stream of one scope, the task that follows it, and its heartbeat."""

    stream: ScopeStream
    following: asyncio.Task[None]
    ticks: Ticks = field(default_factory=Ticks)

    def tick(self) -> str:
        """Return the heartbeat of this scope."""
        stream = self.stream
        computed_at = stream.view.computed_at if stream.view else None
        tick = self.ticks.tick(now=stream.now(), computed_at=computed_at, linked=stream.linked)
        return to_json(tick)


class Broadcast:
    """Holds the viewers in groups, and one stream for each scope that somebody watches.

    A scope's stream is opened as one of those who watch it. In a `trial` it needs nobody, and the
    province's is followed always, so that the first wall has figures at once.
    """

    def __init__(
        self, *, api_url: str, province_name: str, page_s: float, trial: bool = False
    ) -> None:
        self._api_url = api_url
        self._kept = {PROVINCE} if trial else set[str]()
        self._province_name = province_name
        self._page_s = page_s
        self._groups: dict[Choice, _Group] = {}
        self._channels: dict[str, _Channel] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the province and send the time until the block ends; then let all hang up."""
        for scope in self._kept:
            self._channel(scope)
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            for group in list(self._groups.values()):
                for viewer in list(group.viewers):
                    self.cut(viewer)
            tasks = [ticking, *(channel.following for channel in self._channels.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def join(self, choice: Choice, token: str | None = None) -> Viewer:
        """Return a new viewer whose queue starts with the whole wall; it may watch: that is known.

        The stream of the scope is read with `token`, or with that of another one who watches it.
        """
        viewer = Viewer(choice=choice, token=token)
        group = self._groups.get(choice)
        if group is None:
            wall = Wall(choice, province_name=self._province_name)
            channel = self._channel(choice.scope)
            group = _Group(
                wall=wall,
                channel=channel,
                rendered=self._render(wall, channel.stream),
                turn=self._turn(channel.stream),
            )
            self._groups[choice] = group
        group.viewers.add(viewer)
        self._put(viewer, whole(group.rendered))
        self._put(viewer, group.channel.tick())
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget `viewer`; a wall and a scope that nobody watches are no longer kept."""
        group = self._groups.get(viewer.choice)
        if group is None:
            return
        group.viewers.discard(viewer)
        if group.viewers:
            return
        del self._groups[viewer.choice]
        watched = {choice.scope for choice in self._groups} | self._kept
        for scope in self._channels.keys() - watched:
            self._channels.pop(scope).following.cancel()

    def show_change(self, scope: str) -> None:
        """Render the walls of `scope` and send what changed; called at every update."""
        for group in self._groups_of(scope):
            self._renew(group)
            self._send(group, group.channel.tick())

    def _channel(self, scope: str) -> _Channel:
        if scope not in self._channels:
            stream = ScopeStream(self._api_url, scope, lambda: self._tokens(scope))
            following = asyncio.create_task(stream.follow(lambda: self.show_change(scope)))
            self._channels[scope] = _Channel(stream=stream, following=following)
        return self._channels[scope]

    def _tokens(self, scope: str) -> list[str | None]:
        """Return with which tokens the scope may be read: those of who watches it."""
        return [viewer.token for group in self._groups_of(scope) for viewer in group.viewers]

    def _groups_of(self, scope: str) -> list[_Group]:
        return [group for choice, group in self._groups.items() if choice.scope == scope]

    def _renew(self, group: _Group) -> None:
        group.turn = self._turn(group.channel.stream)
        new = self._render(group.wall, group.channel.stream)
        message = changes(group.rendered, new)
        group.rendered = new
        if message is not None:
            self._send(group, message)

    def _render(self, wall: Wall, stream: ScopeStream) -> Rendered:
        turn = self._turn(stream)
        return wall.render(stream.view, turn=turn, refused=stream.refused is not None)

    def _turn(self, stream: ScopeStream) -> int:
        """Return how many page times have passed on the server's clock, the same for all walls."""
        now = stream.now()
        return 0 if now is None else int(now.timestamp() / self._page_s)

    async def _tick(self) -> None:
        """Turn pages and send the server's time at every whole second of it, for ever."""
        while True:
            known = (channel.stream.now() for channel in self._channels.values())
            now = next(filter(None, known), None)
            into_second_s = now.microsecond / 1e6 if now else time.time() % _TICK_S
            await asyncio.sleep(_TICK_S - into_second_s + 0.005)
            for group in list(self._groups.values()):
                if self._turn(group.channel.stream) != group.turn:
                    self._renew(group)
                self._send(group, group.channel.tick())

    def _send(self, group: _Group, message: str) -> None:
        for viewer in list(group.viewers):
            self._put(viewer, message)

    def _put(self, viewer: Viewer, message: str) -> None:
        try:
            viewer.queue.put_nowait(message)
        except asyncio.QueueFull:
            log.warning("viewer_too_slow", scope=viewer.choice.scope)
            self.cut(viewer)

    def cut(self, viewer: Viewer) -> None:
        """Let a viewer hang up."""
        while not viewer.queue.empty():
            viewer.queue.get_nowait()
        viewer.queue.put_nowait(None)
        self.leave(viewer)
