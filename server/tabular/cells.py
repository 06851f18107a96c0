"""What a cell may hold: each parser returns the value, or the refusal that says why not."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias, TypeVar

from server.tabular.refusals import Refusal, refuse

V = TypeVar("V")
Value: TypeAlias = str | int | float | bool | date | time | datetime | timedelta
"""A cell as a file gives it: text in CSV, anything in a spreadsheet. Texts come tidied."""

Parser: TypeAlias = Callable[[Value], V | Refusal]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd"
    "\ud800-\udfff\ue000-\uf8ff]"
)
_SUSPECT = frozenset("=@'")
_QUOTED_FORMULA = re.compile(r'="([^"]*)"\Z')
_TRUE = frozenset({"1", "x", "co", "dung", "yes", "true", "y"})
_FALSE = frozenset({"0", "khong", "sai", "no", "false", "n"})


def tidy(text: str) -> str | Refusal:
    """Return `text` in NFC with single spaces; refuse formulas and what nobody can see.

    A sheet's `="007"` is the text 007, and an apostrophe before = + - @, which keeps a spreadsheet
    from calculating, is taken away.
    """
    text = text.strip()
    if text.isascii() and text.isprintable() and "  " not in text:
        return _without_formula(text) if text[:1] in _SUSPECT else text
    if unseen := _UNSEEN.search(text):
        code = "damaged_character" if unseen[0] == "\ufffd" else "unseen_character"
        return refuse(code, character=f"U+{ord(unseen[0]):04X}")
    text = " ".join(text.split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _without_formula(text) if text[:1] in _SUSPECT else text


def _without_formula(text: str) -> str | Refusal:
    if text[0] == "'":
        return text[1:] if text[1:2] in {"=", "+", "-", "@"} else text
    quoted = _QUOTED_FORMULA.match(text)
    return quoted[1] if quoted else refuse("formula")


def fold(text: str) -> str:
    """Return `text` as it is compared: lower case, without marks, spaces or punctuation."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def written(value: Value) -> str:
    """Return a cell as text; a spreadsheet's whole number has no decimals."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def text(most: int = 200) -> Parser[str]:
    """Return the parser of a text of at most `most` characters."""

    def parse(value: Value) -> str | Refusal:
        found = written(value)
        return found if len(found) <= most else refuse("too_long", most=most, length=len(found))

    return parse


def code(most: int = 64, only: str | None = None) -> Parser[str]:
    """Return the parser of a code, which is kept in upper case and without spaces.

    Two spellings that differ in case, spaces or Unicode form are the same code. `only`, where it
    is given, is the regular expression that it must match.
    """
    pattern = None if only is None else re.compile(only)

    def parse(value: Value) -> str | Refusal:
        found = unicodedata.normalize("NFC", "".join(written(value).split()).upper())
        if len(found) > most:
            return refuse("too_long", most=most, length=len(found))
        return found if pattern is None or pattern.fullmatch(found) else refuse("not_a_code")

    return parse


def name(value: Value) -> str | Refusal:
    """Return a name as topics and addresses have it: a unit's or a counter's."""
    found = written(value)
    return found if _NAME.match(found) else refuse("not_a_name")


def whole(least: int = 0, most: int = 2**31 - 1) -> Parser[int]:
    """Return the parser of a whole number between `least` and `most`."""

    def parse(value: Value) -> int | Refusal:
        try:
            found = int(written(value))
        except ValueError:
            return refuse("not_whole")
        return found if least <= found <= most else refuse("out_of_range", least=least, most=most)

    return parse


def number(least: float, most: float) -> Parser[float]:
    """Return the parser of a number between `least` and `most`; 1.234,5 and 1234.5 are the same."""

    def parse(value: Value) -> float | Refusal:
        try:
            found = float(_decimal(written(value)))
        except ValueError:
            return refuse("not_a_number")
        if not math.isfinite(found) or not least <= found <= most:
            return refuse("out_of_range", least=least, most=most)
        return found

    return parse


def flag(value: Value) -> bool | Refusal:
    """Return a yes or no: có/không, x, đúng/sai, yes/no, true/false, 1/0."""
    found = fold(written(value))
    if found in _TRUE:
        return True
    return False if found in _FALSE else refuse("not_yes_or_no")


E_ = TypeVar("E_", bound=StrEnum)


def choice(members: type[E_], aliases: Mapping[str, E_] | None = None) -> Parser[E_]:
    """Return the parser of one of `members`, by its name or, folded, one of `aliases`."""
    known = {fold(member.value): member for member in members}
    known |= {fold(alias): member for alias, member in (aliases or {}).items()}

    def parse(value: Value) -> E_ | Refusal:
        found = known.get(fold(written(value)))
        return found if found is not None else refuse("none_of", choices=", ".join(members))

    return parse


def _decimal(text: str) -> str:
    """Return `text` with a point for the decimals, whichever of . and , it uses."""
    comma, point = text.rfind(","), text.rfind(".")
    if comma > point:
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "")
