"""What a channel is, read from the province's own file, and what is told to it. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from contract.texts import Language
from server.alerts.alerts import Move, Severity, Step
from server.alerts.rules import Rule
from server.alerts.timing import Quiet
from server.errors import RuleInvalid

TOLD = (
    Step.RAISED,
    Step.RAISED_AGAIN,
    Step.WOKEN,
    Step.ESCALATED,
    Step.ENDED,
    Step.RESOLVED,
    Step.WITHDRAWN,
)
"""Steps that are told; who takes a step on the screen is not written to about it."""


class Kind(StrEnum):
    """How a channel carries messages."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    APPRISE = "apprise"
    HTTP = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel. `secret_file` holds what must not stand in the file: the password of the mail
    server, the secret that signs (`whsec_…`), the address of apprise, or the gateway's token.

    `to` are the groups of rules' `to` that it serves; `units` those whose alerts it gets, all
    without. An HTTP gateway gets `body` with {id}, {text}, {title}, {severity} filled in, and
    {secret} in `headers`.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    kind: Kind
    to: tuple[str, ...]
    address: str = ""
    secret_file: Path | None = None
    language: Language = Language.VI
    severity: Severity = Severity.NOTICE
    units: tuple[str, ...] = ()
    quiet: Quiet | None = None
    sender: str = ""
    recipients: tuple[str, ...] = ()
    user: str = ""
    starttls: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def secret(self) -> str:
        """Return what the secret's file holds; raise RuleInvalid where it cannot be read."""
        if self.secret_file is None:
            return ""
        try:
            return self.secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise RuleInvalid(f"channel {self.name}: secret_file: {error}") from error


_NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.EMAIL: ("address", "sender", "recipients"),
    Kind.WEBHOOK: ("address", "secret_file"),
    Kind.APPRISE: ("secret_file",),
    Kind.HTTP: ("address", "body"),
}
_ADAPTER: TypeAdapter[list[Channel]] = TypeAdapter(list[Channel])


def parse_channels(text: str, file: str) -> tuple[Channel, ...]:
    """Return the channels of a file's text: a list `channel`. Raises RuleInvalid."""
    try:
        values: dict[str, Any] = tomllib.loads(text)
        channels = _ADAPTER.validate_python(values.pop("channel", []))
    except tomllib.TOMLDecodeError as error:
        raise RuleInvalid(f"{file}: is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RuleInvalid(f"{file}: channel.{place}: {first['msg']}") from error
    if values:
        raise RuleInvalid(f"{file}: {next(iter(values))}: is not known here")
    names = [channel.name for channel in channels]
    if len(set(names)) < len(names):
        raise RuleInvalid(f"{file}: two channels have one name")
    for channel in channels:
        for name in _NEEDS[channel.kind]:
            if not getattr(channel, name):
                raise RuleInvalid(
                    f"{file}: channel {channel.name}: {name}: {channel.kind} needs it"
                )
    return tuple(channels)


def told(channel: Channel, move: Move, severity: Severity, rule: Rule | None) -> bool:
    """Return whether a channel is told of a step. What escalates is told whom it escalates to."""
    if move.step not in TOLD or severity.rank < channel.severity.rank:
        return False
    if channel.units and move.unit not in channel.units:
        return False
    groups = (move.note,) if move.step is Step.ESCALATED else (() if rule is None else rule.to)
    return bool(set(groups) & set(channel.to))
