"""What a kind of record consists of: columns, from which reading, templates and messages follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from contract.texts import Language, texts
from server.tabular.cells import Parser, Value, fold, tidy, written
from server.tabular.refusals import Fault, Refusal, Rejection, refuse, shown

T = TypeVar("T")

_UNKNOWN = object()
_KEPT_VALUES = 4096
"""Of each column: enough for every unit, procedure, officer and minute of a province's day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: the record's field `name`, how a cell is read, an example, further headers.

    The texts `column.<kind>.<name>.header` and `.explanation` of the record's room name it. A cell
    that is empty gives None unless the column is `required`. What stands in a `private` column,
    such as a person's name, is never repeated in messages, answers and logs.
    """

    name: str
    parse: Parser[Any]
    example: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Generic[T]):
    """A kind of record: `make` is called with the columns' values by name.

    `check` looks at the columns together. The columns of `key`, where there are any, are unique in
    a file; they are kept for every row of it: for kinds that come in thousands, not millions.
    """

    kind: str
    room: str
    columns: tuple[Column, ...]
    make: Callable[..., T]
    check: Callable[[T], Refusal | None] | None = None
    key: tuple[str, ...] = ()

    def header(self, column: Column, language: Language) -> str:
        """Return what the column is called in `language`."""
        return texts(self.room, language)[f"column.{self.kind}.{column.name}.header"]

    def explanation(self, column: Column, language: Language) -> str:
        """Return what belongs into the column."""
        return texts(self.room, language)[f"column.{self.kind}.{column.name}.explanation"]

    def headers(self) -> Mapping[str, Column]:
        """Return the columns by everything, folded, that they may be called in a file."""
        return {
            fold(title): column
            for column in self.columns
            for title in (
                column.name,
                *column.aliases,
                *(self.header(column, language) for language in Language),
            )
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file, by its first line; `covered` are the places that a merged cell hides."""

    line: int
    cells: Sequence[Value]
    covered: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[T]):
    """A record with the row that it was read from."""

    row: Row
    record: T

    def reject(self, refusal: Refusal, value: object = "") -> Rejection:
        """Return the rejection of this row for one reason, found where rows meet each other."""
        fault = Fault(column=refusal.column or "", value=shown(value), refusal=refusal)
        return Rejection(line=self.row.line, faults=(fault,))


class RowReader(Generic[T]):
    """Reads the rows of one file: `places` are the columns with their place, by `titles`."""

    def __init__(
        self, *, record: Record[T], titles: Sequence[str], places: Sequence[tuple[Column, int]]
    ) -> None:
        self._record, self._titles, self._places = record, titles, places
        # Units, codes and days come again and again: what a text means is kept for a while.
        # Columns that are read alike share it: a dossier is often accepted when it is received.
        known: defaultdict[object, dict[str, object]] = defaultdict(dict)
        self._cells: Sequence[tuple[Column, str, int, dict[str, object]]] = [
            (column, column.name, place, known[column.parse]) for column, place in places
        ]
        self._nothing: Mapping[str, object] = dict.fromkeys(each.name for each in record.columns)
        self._private = frozenset(place for column, place in places if column.private)
        self._seen: dict[Hashable, int] = {}

    def read(self, row: Row) -> Entry[T] | Rejection:
        """Return the record of `row`, or everything that is wrong with its cells."""
        values: dict[str, object] = dict(self._nothing)
        faults: list[Fault] = []
        cells, covered = row.cells, row.covered
        count = len(cells)
        for column, name, place, known in self._cells:
            cell = cells[place] if 0 <= place < count else ""
            if covered or not isinstance(cell, str):
                value = _value(column, cell, covered=place in covered)
            elif (value := known.get(cell, _UNKNOWN)) is _UNKNOWN:
                if len(known) >= _KEPT_VALUES:
                    known.clear()
                value = known[cell] = _value(column, cell)
            if value is None and column.required:
                value = refuse("missing")
            if isinstance(value, Refusal):
                faults.append(self._fault(value, row, place))
            values[name] = value
        faults += self._surplus(cells)
        if faults:
            return Rejection(line=row.line, faults=tuple(faults))
        return self._whole(Entry(row=row, record=self._record.make(**values)))

    def _surplus(self, cells: Sequence[Value]) -> tuple[Fault, ...]:
        """Return what is wrong with cells beyond the last title."""
        more = cells[len(self._titles) :]
        if not more or is_blank_row(more):
            return ()
        return (Fault(column="", value="", refusal=refuse("too_many_cells")),)

    def titled(self, rejection: Rejection, row: Row) -> Rejection:
        """Return a rejection that names columns as records do with the file's titles and cells."""
        place_of = {column.name: place for column, place in self._places}
        faults = tuple(
            self._fault(fault.refusal, row, place_of[fault.column])
            if fault.column in place_of
            else fault
            for fault in rejection.faults
        )
        return Rejection(line=rejection.line, faults=faults)

    def _whole(self, entry: Entry[T]) -> Entry[T] | Rejection:
        check = self._record.check
        if check is not None and (refusal := check(entry.record)) is not None:
            return self._rejected(entry, refusal)
        if self._record.key:
            key = tuple(getattr(entry.record, name) for name in self._record.key)
            first = self._seen.setdefault(key, entry.row.line)
            if first != entry.row.line:
                text = " ".join(map(str, key))
                refusal = refuse("twice", column=self._record.key[0], key=text, line=first)
                return self._rejected(entry, refusal)
        return entry

    def _rejected(self, entry: Entry[T], refusal: Refusal) -> Rejection:
        place = next((at for column, at in self._places if column.name == refusal.column), -1)
        return Rejection(line=entry.row.line, faults=(self._fault(refusal, entry.row, place),))

    def _fault(self, refusal: Refusal, row: Row, place: int) -> Fault:
        if not 0 <= place < len(self._titles):
            return Fault(column="", value="", refusal=refusal)
        told = place < len(row.cells) and place not in self._private
        value = shown(written(row.cells[place])) if told else ""
        return Fault(column=self._titles[place], value=value, refusal=refusal)


def _value(column: Column, cell: Value, *, covered: bool = False) -> object:
    """Return what the cell means in its column: a value, None where it is empty, or a Refusal."""
    if isinstance(cell, str):
        tidied = tidy(cell)
        if isinstance(tidied, Refusal):
            return tidied
        if not tidied:
            return refuse("merged") if covered else None
        cell = tidied
    return column.parse(cell)


def is_blank_row(cells: Iterable[Value]) -> bool:
    """Return whether nothing is written in the row."""
    return all(_is_blank(cell) for cell in cells)


def _is_blank(cell: Value) -> bool:
    return isinstance(cell, str) and not cell.strip()
