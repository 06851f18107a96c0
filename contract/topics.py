"""The topic table: one row drives a stream's topic, message, version, QoS and documentation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from contract.errors import TopicError
from contract.messages import (
    Ack,
    Command,
    Config,
    Health,
    Message,
    Observation,
    OfficerSession,
    Prompt,
    Rating,
    Ticket,
    Visit,
    Wait,
)

ROOT = "motcua/v1"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")


class Stream(StrEnum):
    """The last level of a topic: what kind of message it carries."""

    OBSERVATION = "observation"
    VISIT = "visit"
    WAIT = "wait"
    RATING = "rating"
    PROMPT = "prompt"
    SESSION = "session"
    TICKET = "ticket"
    HEALTH = "health"
    CONFIG = "config"
    COMMAND = "command"
    ACK = "ack"


class Direction(StrEnum):
    """Who publishes a stream."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSpec:
    """One row of the topic table. `period_s` is None for streams that follow events."""

    stream: Stream
    message: type[Message]
    version: int
    direction: Direction
    qos: int
    retain: bool
    period_s: float | None
    summary: str


_ROWS = (
    # stream, message, version, direction, qos, retain, period_s, summary
    (Stream.OBSERVATION, Observation, 1, Direction.UP, 1, False, 5.0, "People and expressions"),
    (Stream.VISIT, Visit, 1, Direction.UP, 1, False, None, "A stay at the counter has ended"),
    (Stream.WAIT, Wait, 1, Direction.UP, 1, False, None, "A stay in a waiting zone has ended"),
    (Stream.RATING, Rating, 1, Direction.UP, 1, False, None, "A citizen rated the service"),
    (Stream.PROMPT, Prompt, 1, Direction.UP, 1, False, None, "A request for a rating moved on"),
    (
        Stream.SESSION,
        OfficerSession,
        1,
        Direction.UP,
        1,
        False,
        None,
        "An officer signed on or off",
    ),
    (Stream.TICKET, Ticket, 1, Direction.UP, 1, False, None, "A queue ticket changed its state"),
    (Stream.HEALTH, Health, 1, Direction.UP, 1, True, 10.0, "The device's heartbeat and last will"),
    (Stream.CONFIG, Config, 1, Direction.DOWN, 1, True, None, "Settings for one device"),
    (Stream.COMMAND, Command, 1, Direction.DOWN, 1, False, None, "A request to one device"),
    (Stream.ACK, Ack, 1, Direction.DOWN, 1, False, None, "Messages that are committed"),
)

STREAMS: Mapping[Stream, StreamSpec] = MappingProxyType(
    {
        stream: StreamSpec(
            stream=stream,
            message=message,
            version=version,
            direction=direction,
            qos=qos,
            retain=retain,
            period_s=period_s,
            summary=summary,
        )
        for stream, message, version, direction, qos, retain, period_s, summary in _ROWS
    }
)
STREAM_OF: Mapping[type[Message], Stream] = MappingProxyType(
    {spec.message: stream for stream, spec in STREAMS.items()}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a device stands: the three middle levels of its topics."""

    unit: str
    counter: str
    device: str

    def __post_init__(self) -> None:
        for level, name in (
            ("unit", self.unit),
            ("counter", self.counter),
            ("device", self.device),
        ):
            if not _NAME.match(name):
                raise TopicError(
                    f"{level} {name!r} is not a name: use lower-case letters, digits, '-' and '_', "
                    "starting with a letter or digit, at most 63 characters"
                )

    def topic(self, stream: Stream) -> str:
        """Return this device's topic for `stream`."""
        return f"{ROOT}/{self.unit}/{self.counter}/{self.device}/{stream}"


def parse_topic(topic: str) -> tuple[Address, Stream]:
    """Return the address and stream of `topic`; raise TopicError when it is not one of ours."""
    prefix, _, rest = topic[: len(ROOT)], topic[len(ROOT) : len(ROOT) + 1], topic[len(ROOT) + 1 :]
    levels = rest.split("/")
    if prefix != ROOT or len(levels) != 4:
        raise TopicError(
            f"topic {topic!r} is not {ROOT}/{{unit}}/{{counter}}/{{device}}/{{stream}}"
        )
    unit, counter, device, name = levels
    try:
        stream = Stream(name)
    except ValueError as error:
        raise TopicError(
            f"topic {topic!r} ends in an unknown stream; known: {', '.join(Stream)}"
        ) from error
    return Address(unit=unit, counter=counter, device=device), stream


def upstream_filters() -> tuple[str, ...]:
    """Return the MQTT filters under which a server receives every upstream message."""
    return tuple(
        f"{ROOT}/+/+/+/{spec.stream}" for spec in STREAMS.values() if spec.direction is Direction.UP
    )
