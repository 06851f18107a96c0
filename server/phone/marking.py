"""Marks comments by rule: urgent, abusive, or naming a person, so that they are read first. Pure.

A rule errs; so a mark decides nothing. Every comment is held back until somebody has read it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources


class Mark(StrEnum):
    """What a rule says of a comment."""

    URGENT = "urgent"
    ABUSIVE = "abusive"
    NAMES_PERSON = "names_person"


_TITLES = (
    "anh|chị|cô|chú|bác|ông|bà|em|thầy|đồng chí|đ/c|cán bộ|chuyên viên|công chức|mr|mrs|ms|miss"
)
_CAPITAL = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠ-Ỹ"
_NAMED = re.compile(rf"\b(?i:{_TITLES})\.?\s+[{_CAPITAL}]\w+")
"""A form of address before a word with a capital: "chị Hoa", "ông Nguyễn Văn An"."""

_NUMBERS = re.compile(r"(?<!\d)(?:\d[ .-]?){9,12}(?!\d)")
"""Telephone numbers have ten digits, identity numbers nine or twelve."""

_FEWEST_SYLLABLES = 2
"""A name of one syllable is a common word."""


def marks_of(text: str, names: Iterable[str] = ()) -> tuple[Mark, ...]:
    """Return what the rules say of `text`; `names` are those of the officers of the unit."""
    said = unicodedata.normalize("NFC", text)
    small = said.lower()
    is_plain = _without_diacritics(small) == small
    found = {
        mark
        for mark, (words, plain) in _patterns().items()
        if words.search(small) or (is_plain and plain.search(small))
    }
    if _NAMED.search(said) or _NUMBERS.search(said) or _names(small, names, plain=is_plain):
        found.add(Mark.NAMES_PERSON)
    return tuple(mark for mark in Mark if mark in found)


def _names(small: str, names: Iterable[str], *, plain: bool) -> bool:
    for name in names:
        known = unicodedata.normalize("NFC", name).lower()
        if len(known.split()) < _FEWEST_SYLLABLES:
            continue
        wanted = _without_diacritics(known) if plain else known
        if _words([wanted]).search(small):
            return True
    return False


@cache
def _patterns() -> Mapping[Mark, tuple[re.Pattern[str], re.Pattern[str]]]:
    file = resources.files("server.phone").joinpath("marks.toml")
    rules = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        Mark(name): (_words(rule["words"]), _words(rule["plain"])) for name, rule in rules.items()
    }


def _words(words: Iterable[str]) -> re.Pattern[str]:
    normal = (re.escape(unicodedata.normalize("NFC", word)) for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(normal)})(?!\w)")


def _without_diacritics(text: str) -> str:
    split = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(each for each in split if not unicodedata.combining(each))
