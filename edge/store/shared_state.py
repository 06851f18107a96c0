"""The state that the device's processes share: statuses, the server's settings and commands."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from contract.codec import encode
from contract.messages import CameraState, Command, CommandName, Config, ReportedProblem
from edge.store.connection import StoreConnection
from runtime.expected_wait import ExpectedWait

_CONFIG = msgspec.json.Decoder(Config)
_COMMAND = msgspec.json.Decoder(Command)


class ProcessName(StrEnum):
    """A process of the device."""

    WATCH = "watch"
    KIOSK = "kiosk"
    RELAY = "relay"
    TICKETS = "tickets"


class ProcessStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a process reports about itself; fields of other processes stay None.

    Rows of release 0.1 hold sentences in `problems`, which is not read any more.
    """

    camera: CameraState | None = None
    fps: float | None = None
    detector: str | None = None
    people_detector: str | None = None
    expression_model: str | None = None
    connected: bool | None = None
    """Whether the relay reaches the broker."""
    body_zones: tuple[str, ...] = ()
    """Zones whose visits begin with a body."""
    expected_waits: dict[str, ExpectedWait] = {}
    """By counter, what somebody who comes now has to expect."""
    problem_reports: tuple[ReportedProblem, ...] = ()
    run: UUID | None = None
    """The relay's own, by which it knows its messages at the broker from those of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A status and how long ago it was reported; None when that was before the last boot."""

    status: ProcessStatus
    age_s: float | None


class SharedState(StoreConnection):
    """The part of the store that holds the present, not a queue; calls may raise a StoreError."""

    def put_status(self, process: ProcessName, status: ProcessStatus) -> None:
        """Store the status of `process`, for the device's health message."""
        row = (process, time.monotonic(), msgspec.json.encode(status))
        self.write(lambda: self.execute("put_status", *row))

    def statuses(self) -> Mapping[ProcessName, StatusReport]:
        """Return the last status of every process."""
        now_s = time.monotonic()
        return {
            ProcessName(process): StatusReport(
                status=msgspec.json.decode(payload, type=ProcessStatus),
                # The monotonic clock is one for all processes and starts again at boot.
                age_s=now_s - reported_s if reported_s <= now_s else None,
            )
            for process, reported_s, payload in self.read("statuses")
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
        """Store a command until it expires; return False for one that has, or is stored already."""
        if command.expires_at <= now:
            return False
        row = (command.id.bytes, command.name, command.expires_at.timestamp(), encode(command))

        def put() -> int:
            self.execute("forget_expired_commands", now.timestamp())
            return self.execute("put_command", *row).rowcount

        return self.write(put) > 0

    def pending_prompt(self, *, now: datetime) -> Command | None:
        """Return the server's request to ask for a rating until it expires or is fulfilled."""
        name = CommandName.SHOW_PROMPT.value
        for (payload,) in self.read("pending_command", name, now.timestamp()):
            return _COMMAND.decode(payload)
        return None

    def finish_prompts(self) -> None:
        """Mark every pending prompt as fulfilled."""
        self.write(lambda: self.execute("finish_commands", CommandName.SHOW_PROMPT.value))
