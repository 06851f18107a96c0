"""Gives every client of a scope what changed there: each message made once for all of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from contract.readings import Reading, Update, encode
from server.live.snapshots import Delta, Key, SnapshotCache
from server.scopes import Scope
from server.units.units import UnitTree

REMEMBERED = 64
"""Revisions that a returning client can continue from: about ten seconds of a busy province."""

MOST_WHOLES = 256
"""Scopes whose whole message is kept: more than a province has units."""

LONGEST_QUEUE = 16
"""A client that is this many messages behind gets the whole scope instead."""


class Subscription:
    """One client's messages, in order; one that falls behind gets the whole scope next."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: deque[str] = deque()
        self._behind = False
        self._ready = asyncio.Event()

    def offer(self, text: str) -> None:
        """Add a message; with too many waiting, forget them all."""
        if len(self._waiting) >= LONGEST_QUEUE:
            self._behind = True
            self._waiting.clear()
        if not self._behind:
            self._waiting.append(text)
        self._ready.set()

    def start_over(self) -> None:
        """Make the whole scope the next message."""
        self._behind = True
        self._waiting.clear()
        self._ready.set()

    def take(self) -> str | None:
        """Return the next message, None while there is none; KeyError for an unknown scope."""
        if self._behind and (whole := self._channel.whole()) is not None:
            self._behind = False
            return whole
        return self._waiting.popleft() if self._waiting else None

    async def next(self) -> str:
        """Return the next message, once there is one; KeyError for an unknown scope."""
        while (message := self.take()) is None:
            self._ready.clear()
            await self._ready.wait()
        return message

    async def messages(self) -> AsyncIterator[str]:
        """Yield every message as it comes; KeyError once the scope is not known any more."""
        while True:
            yield await self.next()


class Wholes:
    """The message with everything of each scope, made once a revision for all who ask."""

    def __init__(self, cache: SnapshotCache) -> None:
        self._cache = cache
        self._made: OrderedDict[Scope, tuple[int, str]] = OrderedDict()

    def of(self, scope: Scope) -> str:
        """Return the update with all readings of `scope` as JSON; KeyError outside the tree."""
        made = self._made.get(scope)
        if made is None or made[0] != self._cache.revision:
            made = (self._cache.revision, encode(whole_update(self._cache, scope)).decode())
            self._made[scope] = made
            self._made.move_to_end(scope)
            while len(self._made) > MOST_WHOLES:
                self._made.popitem(last=False)
        return made[1]


class Channel:
    """The clients of one scope. `fresh` tells whether the cache's figures are current."""

    def __init__(
        self, scope: Scope, cache: SnapshotCache, wholes: Wholes, fresh: Callable[[], bool]
    ) -> None:
        self.scope = scope
        self.subscriptions: set[Subscription] = set()
        self._cache = cache
        self._wholes = wholes
        self._fresh = fresh
        self._sent = cache.revision
        self._inside: tuple[UnitTree, frozenset[str]] | None = None

    def whole(self) -> str | None:
        """Return the message with everything; None while there are no current figures.

        Old ones are not given: they would pass for new ones.
        """
        return self._wholes.of(self.scope) if self._fresh() else None

    def send(self, delta: Delta, *, heartbeat: bool) -> None:
        """Offer what `delta` changes here; with `heartbeat` also that nothing did."""
        message = self.change([delta], since=self._sent)
        if heartbeat or message.readings or message.observed:
            self._sent = delta.revision
            text = encode(message).decode()
            for subscription in self.subscriptions:
                subscription.offer(text)

    def change(self, deltas: Sequence[Delta], *, since: int) -> Update:
        """Return the update that leads from `since` through these deltas."""
        inside = self._scopes_inside()
        readings: dict[Key, Reading] = {}
        observed: dict[Key, datetime] = {}
        for delta in deltas:
            for key, reading in delta.readings.items():
                if key[0] in inside:
                    readings[key] = reading
                    observed.pop(key, None)
            observed |= {key: at for key, at in delta.observed.items() if key[0] in inside}
        by_kpi: dict[str, dict[str, datetime]] = {}
        for (scope, kpi), at in observed.items():
            by_kpi.setdefault(kpi, {})[scope] = at
        return Update(
            revision=deltas[-1].revision,
            since=since,
            computed_at=deltas[-1].computed_at,
            scope=str(self.scope),
            readings=tuple(readings.values()),
            observed=by_kpi,
            alarms=self._cache.alarms,
        )

    def _scopes_inside(self) -> frozenset[str]:
        tree = self._cache.tree
        if self._inside is None or self._inside[0] is not tree:
            try:
                scopes = self._cache.within(self.scope)
            except KeyError:  # its clients are told when they ask for the whole
                scopes = ()
            self._inside = (tree, frozenset(map(str, scopes)))
        return self._inside[1]


class FanOut:
    """The channels, and the newest revisions for clients that come back."""

    def __init__(self, cache: SnapshotCache, fresh: Callable[[], bool]) -> None:
        self.wholes = Wholes(cache)
        self._cache = cache
        self._fresh = fresh
        self._channels: dict[Scope, Channel] = {}
        self._recent: deque[Delta] = deque(maxlen=REMEMBERED)

    @property
    def clients(self) -> int:
        """How many clients are subscribed."""
        return sum(len(channel.subscriptions) for channel in self._channels.values())

    def send(self, delta: Delta, *, heartbeat: bool) -> None:
        """Tell every client what `delta` changes for it."""
        self._recent.append(delta)
        for channel in self._channels.values():
            channel.send(delta, heartbeat=heartbeat)

    def start_over(self) -> None:
        """Give every client the whole of its scope: the units themselves have changed."""
        self._recent.clear()
        for channel in list(self._channels.values()):
            for subscription in channel.subscriptions:
                subscription.start_over()

    @contextmanager
    def subscribed(self, scope: Scope, since: int | None) -> Iterator[Subscription]:
        """Give what changed since the revision `since`, else everything, and every later change."""
        channel = self._channels.setdefault(
            scope, Channel(scope, self._cache, self.wholes, self._fresh)
        )
        subscription = Subscription(channel)
        deltas = self._deltas_since(since)
        if since is None or deltas is None:
            subscription.start_over()
        elif deltas:
            subscription.offer(encode(channel.change(deltas, since=since)).decode())
        channel.subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            channel.subscriptions.discard(subscription)
            if not channel.subscriptions:
                self._channels.pop(scope, None)

    def _deltas_since(self, since: int | None) -> list[Delta] | None:
        """Return the deltas after revision `since`, None where some are not remembered."""
        if since is None or since > self._cache.revision:
            return None
        deltas = [delta for delta in self._recent if delta.revision > since]
        return deltas if len(deltas) == self._cache.revision - since else None


def whole_update(cache: SnapshotCache, scope: Scope) -> Update:
    """Return all readings of `scope` and of the units within it; KeyError outside the tree."""
    assert cache.computed_at is not None
    scopes = cache.within(scope)
    names = [str(inner) for inner in scopes]
    by_scope: dict[str, list[Reading]] = {name: [] for name in names}
    for (name, _), reading in cache.readings.items():
        if name in by_scope:
            by_scope[name].append(reading)
    return Update(
        revision=cache.revision,
        computed_at=cache.computed_at,
        scope=str(scope),
        places=cache.places(scopes),
        readings=tuple(reading for name in names for reading in by_scope[name]),
        alarms=cache.alarms,
    )
