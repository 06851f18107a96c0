"""Sends walls to browsers: each change rendered once, its message shared by all who watch it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from dashboards.api.rest import RestClient
from dashboards.api.stream import ScopeStream
from dashboards.look.ticks import Ticks
from dashboards.push.choice import PROVINCE, Choice
from dashboards.push.messages import Rendered, changes, whole
from dashboards.push.nodes import to_json
from dashboards.push.polling import Poller
from dashboards.push.questions import Question
from dashboards.push.wall import Wall
from runtime.identity import Identity

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
    """All who watch the same scope and scenes: theirs turn at the same second."""

    wall: Wall
    channel: _Channel
    rendered: Rendered
    turn: int = 0
    viewers: set[Viewer] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class _Channel:
    """What is known of one scope, the tasks that follow it, and its heartbeat."""

    stream: ScopeStream
    poller: Poller
    following: tuple[asyncio.Task[None], ...] = ()
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
        self, *, api_url: str, api: RestClient, identity: Identity, trial: bool = False
    ) -> None:
        self._api_url = api_url
        self._api = api
        self._kept = {PROVINCE} if trial else set[str]()
        self._identity = identity
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
            channels = self._channels.values()
            tasks = [ticking, *(task for each in channels for task in each.following)]
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
            wall = Wall(choice, identity=self._identity)
            channel = self._channel(choice.scope)
            group = _Group(
                wall=wall,
                channel=channel,
                rendered=self._render(wall, channel),
                turn=wall.turn_at(channel.stream.now()),
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
            for task in self._channels.pop(scope).following:
                task.cancel()

    def show_change(self, scope: str) -> None:
        """Render the walls of `scope` and send what changed; called at every update."""
        groups = self._groups_of(scope)
        for group in groups:
            self._renew(group)
        for group in groups:
            self._send(group, group.channel.tick())

    def _channel(self, scope: str) -> _Channel:
        if scope not in self._channels:
            stream = ScopeStream(self._api_url, scope, lambda: self._tokens(scope))
            poller = Poller(self._api, scope, lambda: self._tokens(scope))
            self._channels[scope] = channel = _Channel(stream=stream, poller=poller)
            streaming = stream.follow(lambda: self.show_change(scope))
            polling = poller.follow(
                lambda: self._wanted(scope), stream.now, lambda: self._show_answer(scope)
            )
            channel.following = (asyncio.create_task(streaming), asyncio.create_task(polling))
        return self._channels[scope]

    def _wanted(self, scope: str) -> list[Question]:
        """Return what the walls of a scope need to know."""
        asked: list[Question] = []
        for group in self._groups_of(scope):
            stream = group.channel.stream
            now = stream.now()
            if now is not None:
                asked += group.wall.asks(stream.view, group.channel.poller.answers, now)
        return asked

    def _show_answer(self, scope: str) -> None:
        for group in self._groups_of(scope):
            self._renew(group)

    def _tokens(self, scope: str) -> list[str | None]:
        """Return with which tokens the scope may be read: those of who watches it."""
        return [viewer.token for group in self._groups_of(scope) for viewer in group.viewers]

    def _groups_of(self, scope: str) -> list[_Group]:
        return [group for choice, group in self._groups.items() if choice.scope == scope]

    def _renew(self, group: _Group) -> None:
        group.turn = group.wall.turn_at(group.channel.stream.now())
        new = self._render(group.wall, group.channel)
        message = changes(group.rendered, new)
        group.rendered = new
        if message is not None:
            self._send(group, message)

    def _render(self, wall: Wall, channel: _Channel) -> Rendered:
        stream = channel.stream
        return wall.render(
            stream.view,
            now=stream.now(),
            answers=channel.poller.answers,
            refused=stream.refused is not None,
        )

    async def _tick(self) -> None:
        """Turn scenes and send the server's time at every whole second of it, for ever."""
        while True:
            known = (channel.stream.now() for channel in self._channels.values())
            now = next(filter(None, known), None)
            into_second_s = now.microsecond / 1e6 if now else time.time() % _TICK_S
            await asyncio.sleep(_TICK_S - into_second_s + 0.005)
            for group in list(self._groups.values()):
                if group.wall.turn_at(group.channel.stream.now()) != group.turn:
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
