"""Reads the tables of a scheme's file, and says of what is wrong which file and field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from server.errors import SchemeInvalid
from server.schemes.schemes import Bilingual

E = TypeVar("E", bound=StrEnum)


class Table:
    """One table of a file; each key is taken once, and `done` refuses those that nobody took."""

    def __init__(self, file: str, values: Mapping[str, Any], path: str = "") -> None:
        self.file = file
        self._values = dict(values)
        self._path = path

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise SchemeInvalid for a key."""
        raise SchemeInvalid(f"{self.file}: {self.place(key)}: {problem}")

    def place(self, key: str = "") -> str:
        """Return where a key stands, as the file names it."""
        return ".".join(filter(None, (self._path, key))) or "the file"

    def has(self, key: str) -> bool:
        """Return whether the key is there and was not taken."""
        return key in self._values

    def done(self) -> None:
        """Refuse what was not taken."""
        for key in self._values:
            self.refuse(key, "is not known here")

    def text(self, key: str) -> str:
        """Return a text that says something."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "has to be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, none without the key."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.refuse(key, "has to be a list of texts")
        return tuple(value)

    def bilingual(self, key: str) -> Bilingual:
        """Return a text in both languages."""
        inner = self.table(key)
        found = Bilingual(vi=inner.text("vi"), en=inner.text("en"))
        inner.done()
        return found

    def flag(self, key: str) -> bool:
        """Return a boolean, False without the key."""
        value = self._values.pop(key, False)
        if not isinstance(value, bool):
            self.refuse(key, "has to be true or false")
        return value

    def whole(self, key: str, *, least: int) -> int:
        """Return a whole number."""
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.refuse(key, f"has to be a whole number from {least} on")
        return value

    def number(self, key: str, *, positive: bool = False) -> Decimal:
        """Return a number that is not negative, exactly as it is written."""
        return self._number(key, self._take(key), positive=positive)

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        """Return a list of numbers."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            self.refuse(key, "has to be a list of numbers")
        return tuple(self._number(key, each) for each in value)

    def day(self, key: str) -> date:
        """Return a day."""
        value = self._take(key)
        if isinstance(value, datetime) or not isinstance(value, date):
            self.refuse(key, "has to be a day as 2026-01-31")
        return value

    def choice(self, key: str, kind: type[E], otherwise: E | None = None) -> E:
        """Return a member of a closed set, `otherwise` without the key."""
        if otherwise is not None and not self.has(key):
            return otherwise
        value = self._take(key)
        if value not in set(kind):
            self.refuse(key, f"has to be one of {', '.join(kind)}, not {value!r}")
        return kind(value)

    def either(self, key: str) -> str | Decimal:
        """Return a text or a number."""
        if isinstance(self._values.get(key), str):
            return self.text(key)
        return self.number(key)

    def table(self, key: str) -> Table:
        """Return the table below a key."""
        value = self._take(key)
        if not isinstance(value, dict):
            self.refuse(key, "has to be a table")
        return Table(self.file, value, self.place(key))

    def tables(self, key: str) -> Iterator[Table]:
        """Yield the tables of a list that is not empty, named by their id or place in it."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            self.refuse(key, "has to be a list of tables")
        for index, each in enumerate(value, start=1):
            if not isinstance(each, dict):
                self.refuse(f"{key}[{index}]", "has to be a table")
            yield Table(self.file, each, self.place(f"{key}[{each.get('id', index)}]"))

    def _take(self, key: str) -> Any:  # noqa: ANN401 - any TOML value
        if key not in self._values:
            self.refuse(key, "is missing")
        return self._values.pop(key)

    def _number(self, key: str, value: object, *, positive: bool = False) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(key, "has to be a number")
        number = Decimal(value)
        if not number.is_finite() or number < 0 or (positive and number == 0):
            told = "has to be a number above 0" if positive else "has to be a number from 0 on"
            self.refuse(key, told)
        return number
