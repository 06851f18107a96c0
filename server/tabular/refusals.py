"""Why a cell or row is not taken: codes with parameters, said in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contract.texts import Language, texts

TABULAR = "server.tabular"
"""The room whose texts hold the refusals that every import shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason: the texts `refusal.<code>.reason` and `.remedy` of `room` hold its sentences.

    `column` is the column's name where it is not the one that was being read.
    """

    code: str
    room: str = TABULAR
    column: str | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def reason(self, language: Language = Language.EN) -> str:
        """Return what is wrong."""
        return self._text("reason", language)

    def remedy(self, language: Language = Language.EN) -> str:
        """Return how to mend it."""
        return self._text("remedy", language)

    def _text(self, part: str, language: Language) -> str:
        return texts(self.room, language).format(f"refusal.{self.code}.{part}", **self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A refusal with its place in the row; `column` is as the file's header says it, or empty."""

    column: str
    value: str
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A row that was not taken: where it stands, and everything that is wrong with it."""

    line: int
    faults: tuple[Fault, ...]


def refuse(
    code: str, *, room: str = TABULAR, column: str | None = None, **parameters: object
) -> Refusal:
    """Return a refusal with these parameters, each cut to what a line of text can hold."""
    return Refusal(
        code=code,
        room=room,
        column=column,
        parameters=MappingProxyType({name: shown(value) for name, value in parameters.items()}),
    )


def shown(value: object) -> str:
    """Return a value as a message shows it: not longer than 80 characters, nothing unprintable."""
    text = str(value)
    text = text if len(text) <= 80 else f"{text[:79]}…"
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)
