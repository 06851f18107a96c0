"""Turns what the broker delivered into messages, or into refusals with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

from contract.codec import decode, decode_identity
from contract.errors import MessageError, Refusal, TopicError
from contract.messages import (
    Observation,
    OfficerSession,
    Prompt,
    Rating,
    Ticket,
    Upstream,
    Visit,
    Wait,
)
from contract.topics import STREAMS, Direction, Stream, parse_topic
from server.ingest.batch import Accepted, Batch, Received, Refused, Route

_PLACED = (Observation, Visit, Wait, Rating, Prompt, OfficerSession, Ticket)
"""Messages that may name another counter than their topic's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """The oldest and newest `observed_at` that are accepted at this moment."""

    oldest: datetime
    newest: datetime

    @classmethod
    def at(cls, now: datetime, *, past_limit_days: float, future_limit_s: float) -> TimeLimits:
        """Return the limits around `now`."""
        return cls(
            oldest=now - timedelta(days=past_limit_days),
            newest=now + timedelta(seconds=future_limit_s),
        )


def decode_batch(received: Iterable[Received], limits: TimeLimits) -> Batch:
    """Return the messages understood and those refused; order is kept within each.

    An empty payload on a retained topic is MQTT's way to clear it, and is neither.
    """
    accepted: list[Accepted] = []
    refused: list[Refused] = []
    untimely_health: list[Refused] = []
    oldest, newest = limits.oldest, limits.newest
    for topic, payload in received:
        try:
            route = route_of(topic)
            message = cast("Upstream", decode(route.stream, payload, address=route.address))
        except TopicError as error:
            refused.append(_refuse(topic, payload, error.refusal, str(error), None))
        except MessageError as error:
            if payload or not STREAMS[route.stream].retain:
                refused.append(_refuse(topic, payload, error.refusal, str(error), route))
        else:
            if isinstance(message, _PLACED) and message.counter is not None:
                route = route_of(topic, message.counter)
            if oldest <= message.observed_at <= newest:
                accepted.append((route, message, payload))
            else:
                found = untimely_health if route.stream is Stream.HEALTH else refused
                found.append(_refuse_time(route, message, payload, limits))
    return Batch(accepted=accepted, refused=refused, untimely_health=untimely_health)


@lru_cache(maxsize=65_536)
def route_of(topic: str, counter: str | None = None) -> Route:
    """Return where messages of `topic` belong; TopicError unless devices may publish there.

    `counter` is the one that the message names, where its device watches several of the unit.
    """
    address, stream = parse_topic(topic)
    if STREAMS[stream].direction is not Direction.UP:
        raise TopicError(f"topic {topic!r} is one that devices read, not one that they publish to")
    return Route(topic=topic, address=address, stream=stream, counter=counter or address.counter)


def _refuse(
    topic: str, payload: bytes, refusal: Refusal, reason: str, route: Route | None
) -> Refused:
    return Refused(
        topic=topic,
        payload=payload,
        refusal=refusal,
        reason=reason,
        address=route.address if route else None,
        message=decode_identity(payload),
    )


def _refuse_time(route: Route, message: Upstream, payload: bytes, limits: TimeLimits) -> Refused:
    future = message.observed_at > limits.newest
    bound = limits.newest if future else limits.oldest
    return Refused(
        topic=route.topic,
        payload=payload,
        refusal=Refusal.FUTURE if future else Refusal.TOO_OLD,
        reason=f"observed_at {message.observed_at.isoformat()} is "
        f"{'after' if future else 'before'} {bound.isoformat()}; the clock of the device or of the "
        "server is wrong",
        address=route.address,
        message=message.id,
        untimely=(route, message, payload),
    )
