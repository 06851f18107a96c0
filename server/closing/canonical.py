"""Values as canonical JSON (RFC 8785): the same value has the same bytes, on any machine. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from json import JSONEncoder
from typing import Any
from uuid import UUID

_DIGITS = 12
"""Significant digits of a figure that is stored: what another processor computes differs after."""
_LARGEST = 2**53


def canonical(value: object) -> bytes:
    """Return the UTF-8 bytes of a JSON value; raise ValueError for one that JSON cannot tell.

    Members are ordered by the UTF-16 units of their names, numbers written as ECMAScript does
    (RFC 8785, 3.2.2 and 3.2.3).
    """
    return _written(value).encode("utf-8")


def sha256(content: bytes) -> str:
    """Return the SHA-256 as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def plain(value: object) -> Any:  # noqa: ANN401, C901 - any JSON value, a case each
    """Return a value of ours as JSON's own types, without members that are None.

    Times are ISO 8601 in UTC, exact numbers text; figures are rounded to 12 significant digits.
    """
    kind: Any = value.__class__
    if value is None or kind is str or kind is bool:
        return value
    if kind is float:
        return _rounded(float(value))  # type: ignore[arg-type]
    members = _members(kind)
    if members is not None:
        kept = [(name, plain(getattr(value, name))) for name in members]
        return {name: member for name, member in kept if member is not None}
    match value:
        case str():
            return str(value)
        case int():
            return value if abs(value) < _LARGEST else str(value)
        case float():
            return _rounded(value)
        case Decimal() | Fraction() | UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Mapping():
            told = [(str(name), plain(member)) for name, member in value.items()]
            return {name: member for name, member in told if member is not None}
        case list() | tuple():
            return [plain(member) for member in value]
        case set() | frozenset():
            return sorted((plain(member) for member in value), key=canonical)
        case _:
            raise TypeError(f"{type(value).__name__} is no value of ours")


def _rounded(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


@lru_cache(maxsize=256)
def _members(kind: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - a class
    """Return the names of a dataclass's members; None for another class."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None


def _written(value: object) -> str:  # noqa: C901 - a case a kind of value
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case int():
            if abs(value) >= _LARGEST:
                raise ValueError(f"{value} is no number that JSON tells exactly")
            return str(value)
        case float():
            return _number(value)
        case dict():
            written = [said + _written(value[name]) for name, said in _ordered(tuple(value))]
            return "{" + ",".join(written) + "}"
        case list() | tuple():
            return "[" + ",".join([_written(each) for each in value]) + "]"
        case _:
            raise ValueError(f"{type(value).__name__} is no JSON value")


_text: Callable[[str], str] = JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=1024)
def _ordered(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the names in their order with how each is written; objects of a kind have the same."""
    ordered = sorted(names, key=lambda name: name.encode("utf-16-be"))
    return tuple((name, f"{_text(name)}:") for name in ordered)


def _number(value: float) -> str:
    """Return a number as ECMAScript's Number::toString does."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    if value == 0:
        return "0"
    said = repr(value)
    if "e" not in said:  # the same digits, but for a whole number's ".0"
        return said.removesuffix(".0")
    sign = "-" if value < 0 else ""
    # The shortest digits that give the number again, as ECMAScript wants them, too.
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    assert isinstance(exponent, int)
    figures = "".join(map(str, digits))
    point = len(figures) + exponent
    if 0 < point <= 21:
        whole = figures[:point].ljust(point, "0")
        rest = figures[point:]
        return sign + whole + (f".{rest}" if rest else "")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{figures}"
    mantissa = figures[0] + (f".{figures[1:]}" if len(figures) > 1 else "")
    return f"{sign}{mantissa}e{point - 1:+d}"
