"""What the unit's processes tell one another: statuses, the server's settings and its commands."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from contract.codec import encode
from contract.messages import CameraState, Command, CommandName, Config
from edge.store import Store

_CONFIG = msgspec.json.Decoder(Config)
_COMMAND = msgspec.json.Decoder(Command)


class Component(StrEnum):
    """A process of the unit."""

    WATCH = "watch"
    KIOSK = "kiosk"
    RELAY = "relay"


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a process says about itself; absent fields are not its business.

    Texts may have any length here: the health message shortens them to the contract's.
    """

    camera: CameraState | None = None
    fps: float | None = None
    detector: str | None = None
    people_detector: str | None = None
    expression_model: str | None = None
    connected: bool | None = None
    """Whether the broker is reached: the relay's to say."""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A status and how long ago it was reported; None when that was before the last boot."""

    status: Status
    age_s: float | None


class Noticeboard(Store):
    """The part of the store that holds the present, not a queue."""

    def report(self, component: Component, status: Status) -> None:
        """Store what `component` says about itself, for the unit's health message."""
        row = (component, time.monotonic(), msgspec.json.encode(status))
        self.write(lambda: self.execute("put_status", *row))

    def statuses(self) -> Mapping[Component, StatusReport]:
        """Return what every process last said about itself."""
        now_s = time.monotonic()
        return {
            Component(component): StatusReport(
                status=msgspec.json.decode(payload, type=Status),
                # The monotonic clock is one for all processes and starts again at boot.
                age_s=now_s - reported_s if reported_s <= now_s else None,
            )
            for component, reported_s, payload in self.read("statuses")
        }

    def put_config(self, config: Config) -> bool:
        """Store the server's settings; return False when those stored are as new."""
        row = (config.version, encode(config))
        return self.write(lambda: self.execute("put_config", *row).rowcount) > 0

    def config(self) -> Config | None:
        """Return the newest settings from the server."""
        for (payload,) in self.read("config"):
            return _CONFIG.decode(payload)
        return None

    def put_command(self, command: Command, *, now: datetime) -> bool:
        """Remember a command until it expires; return False when it has, or is known already."""
        if command.expires_at <= now:
            return False
        row = (command.id.bytes, command.name, command.expires_at.timestamp(), encode(command))

        def put() -> int:
            self.execute("forget_expired_commands", now.timestamp())
            return self.execute("put_command", *row).rowcount

        return self.write(put) > 0

    def prompt(self, *, now: datetime) -> Command | None:
        """Return the server's request to ask for a rating, while it is neither void nor met."""
        name = CommandName.SHOW_PROMPT.value
        for (payload,) in self.read("pending_command", name, now.timestamp()):
            return _COMMAND.decode(payload)
        return None

    def finish_prompts(self) -> None:
        """Mark every pending prompt as met."""
        self.write(lambda: self.execute("finish_commands", CommandName.SHOW_PROMPT.value))
