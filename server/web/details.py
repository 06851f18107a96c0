"""Says the details of errors in Vietnamese: code writes them in English, a table has the rest.

`server/texts/details.vi.toml` names each sentence as the code writes it, with `{}` for a value, and
how it is said in Vietnamese, with `{0}` for the first value, and so on. So a detail stays one
sentence at the place that knows what is wrong. One that the table lacks stays in English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from contract.texts import Language

VALUE = "{}"
_PLACE = re.compile(r"\{(\d)\}")
_DEPTH = 2
"""A cause within a sentence is one as well, and no further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What stands between the values in English, and the whole in Vietnamese."""

    parts: tuple[str, ...]
    said: str

    def values(self, text: str) -> list[str] | None:
        """Return the values within a text, None where it is another sentence.

        Each value ends where the next part begins first: the time grows with the text alone.
        """
        first, *rest = self.parts
        if not text.startswith(first) or not text.endswith(self.parts[-1]):
            return None
        if not rest:
            return [] if text == first else None
        end = len(text) - len(rest[-1])
        at, found = len(first), []
        for part in rest[:-1]:
            begin = text.find(part, at, end)
            if begin < 0:
                return None
            found.append(text[at:begin])
            at = begin + len(part)
        return None if at > end else [*found, text[at:end]]

    def fill(self, values: list[str]) -> str:
        """Return the sentence in Vietnamese."""
        return _PLACE.sub(lambda place: values[int(place[1])], self.said)


def in_language(detail: str, language: Language) -> str:
    """Return a detail that the code has written, in a language."""
    return detail if language is Language.EN else _said(detail, _DEPTH)


def sentences() -> Mapping[str, str]:
    """Return every sentence in English, and what it is in Vietnamese."""
    told: dict[str, str] = {}
    for table in _tables().values():
        told |= table
    return told


def _said(text: str, depth: int) -> str:
    if text in _tables()["word"]:
        return _tables()["word"][text]
    # What a request has sent is quoted, and stays as it is.
    if not depth or text[:1] in ("'", '"'):
        return text
    for sentence in _longest_first():
        values = sentence.values(text)
        if values is not None:
            return sentence.fill([_said(each, depth - 1) for each in values])
    return text


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("server").joinpath("texts", "details.vi.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _longest_first() -> tuple[Sentence, ...]:
    """Return the sentences, those that say most by themselves first: others are more general."""
    told: Iterable[tuple[str, str]] = (
        pair for name, table in _tables().items() if name != "word" for pair in table.items()
    )
    found = [Sentence(parts=tuple(en.split(VALUE)), said=vi) for en, vi in told]
    return tuple(sorted(found, key=lambda each: -sum(map(len, each.parts))))
