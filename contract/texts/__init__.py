"""What people read, as keyed entries: one TOML file for Vietnamese and one for English a room.

A room keeps `vi.toml` and `en.toml` in its folder `texts`; keys are dotted paths into the tables.
Texts with figures name them in braces: "{process} đã {silent_s} giây không báo cáo".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


class Language(StrEnum):
    """A language of screens and documents."""

    VI = "vi"
    EN = "en"


class Texts:
    """The texts of one room in one language."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = MappingProxyType(dict(entries))

    def __getitem__(self, key: str) -> str:
        """Return the text of `key`; KeyError where there is none."""
        return self._entries[key]

    def get(self, key: str, default: str) -> str:
        """Return the text of `key`, else `default`: for keys that come from outside."""
        return self._entries.get(key, default)

    def format(self, key: str, /, **figures: object) -> str:
        """Return the text of `key` with its figures; KeyError where one is missing."""
        return self._entries[key].format(**figures)

    def __iter__(self) -> Iterator[str]:
        """Yield every key, in the file's order."""
        return iter(self._entries)

    def __contains__(self, key: str) -> bool:
        """Return whether there is a text of `key`."""
        return key in self._entries

    def below(self, prefix: str) -> Mapping[str, str]:
        """Return the entries of the table `prefix` by their last names, in the file's order."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): text
            for key, text in self._entries.items()
            if key.startswith(start)
        }


@cache
def texts(package: str, language: Language) -> Texts:
    """Return the texts in the folder `texts` of the room `package`."""
    file = resources.files(package).joinpath("texts", f"{language}.toml")
    return Texts(dict(_flatten(tomllib.loads(file.read_text(encoding="utf-8")))))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _flatten(value, f"{key}.")
        else:
            yield key, str(value)
