"""Calls out of a stream of bytes: garbage, half frames and wrong check bytes are passed over."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from importlib import resources
from operator import xor
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from contract.messages import TicketEvent
from runtime.errors import SettingInvalid

_GROUPS = {"number", "event"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One event, with the machine's own names; `counter` is None where it has one counter."""

    number: str
    event: TicketEvent
    counter: str | None = None
    service: str | None = None


class _Layout(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    encoding: Literal["ascii", "utf-8", "latin-1"] = "ascii"
    longest: int = Field(default=64, ge=4, le=4096)
    pattern: re.Pattern[str]
    events: Mapping[str, TicketEvent]

    @field_validator("pattern")
    @classmethod
    def _names_number_and_event(cls, pattern: re.Pattern[str]) -> re.Pattern[str]:
        if not pattern.groupindex.keys() >= _GROUPS:
            raise ValueError("the pattern needs the groups (?P<number>…) and (?P<event>…)")
        return pattern

    def read(self, frame: bytes) -> Call | None:
        """Return what one frame says; None for what this layout does not know."""
        try:
            found = self.pattern.fullmatch(frame.decode(self.encoding).strip())
        except UnicodeDecodeError:
            return None
        return None if found is None else self.call(found.groupdict())

    def call(self, said: Mapping[str, str | None]) -> Call | None:
        """Return the call in named parts; None for an event that is not listed."""
        event = self.events.get(said["event"] or "")
        number = (said["number"] or "")[:32]
        if event is None or not number:
            return None
        service = said.get("service")
        return Call(
            number=number,
            event=event,
            counter=said.get("counter"),
            service=service and service[:200],
        )


class Lines(_Layout):
    """Lines of text with a terminator."""

    kind: Literal["lines"]
    terminator: str = Field(default="\r\n", min_length=1, max_length=2)


class Framed(_Layout):
    """Frames between a start and an end byte, where it has one with a check byte after that."""

    kind: Literal["framed"]
    start: str = Field(min_length=1, max_length=1)
    end: str = Field(min_length=1, max_length=1)
    check: Literal["xor", "none"] = "none"


Layout: TypeAlias = Lines | Framed


class _Document(BaseModel):
    layout: Layout = Field(discriminator="kind")


def read_layout(name: str) -> Layout:
    """Return the layout "lines" or "framed", or that in a TOML file; raise SettingInvalid."""
    try:
        if re.fullmatch(r"[a-z]+", name):
            file = resources.files("edge.tickets").joinpath(f"layouts/{name}.toml")
            text = file.read_text(encoding="utf-8")
        else:
            text = Path(name).read_text(encoding="utf-8")
        return _Document.model_validate({"layout": tomllib.loads(text)}).layout
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(
            f"[tickets] layout {name} cannot be read: {error}; known: lines, framed, or a file"
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"][2:]) or "layout"
        raise SettingInvalid(f"[tickets] layout {name}: {place}: {first['msg']}") from error


class FrameReader:
    """Takes bytes as they come and gives the calls in them; what makes no sense is counted."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._held = b""
        self.garbage = 0
        """Frames or pieces that were passed over."""

    def feed(self, chunk: bytes) -> list[Call]:
        """Return the calls that `chunk` completes."""
        self._held += chunk
        calls = []
        while (frame := self._next()) is not None:
            call = self._layout.read(frame) if frame else None
            if call is not None:
                calls.append(call)
            elif frame.strip():
                self.garbage += 1
        return calls

    def reset(self) -> None:
        """Forget a half frame: the line was cut."""
        self.garbage += bool(self._held)
        self._held = b""

    def _next(self) -> bytes | None:
        if isinstance(self._layout, Lines):
            return self._next_line(self._layout)
        return self._next_framed(self._layout)

    def _next_line(self, layout: Lines) -> bytes | None:
        line, ends, rest = self._held.partition(layout.terminator[-1].encode())
        if ends:
            self._held = rest
            # A line that began with noise may still end well.
            return line[-layout.longest :] if len(line) <= layout.longest else b"?"
        if len(self._held) > layout.longest:
            self._held = self._held[-1:]
            return b"?"
        return None

    def _next_framed(self, layout: Framed) -> bytes | None:
        start, end = layout.start.encode("latin-1"), layout.end.encode("latin-1")
        _, begins, rest = self._held.partition(start)
        if not begins:
            self._held = b""
            return None
        # A frame that was cut off is followed by the next one's start.
        content, ends, after = rest.partition(end)
        if start in content:
            self._held = start + content.rpartition(start)[2] + ends + after
            return b"?"
        needs = 1 if layout.check == "xor" else 0
        if not ends or len(after) < needs:
            self._held = start + rest
            if len(self._held) > layout.longest + 4:
                self._held = b""
                return b"?"
            return None
        self._held = after[needs:]
        if needs and reduce(xor, content + end, 0) != after[0]:
            # The check byte may have been lost: what looks like one may begin the next frame.
            self._held = after if after[:1] == start else self._held
            return b"?"
        return content
