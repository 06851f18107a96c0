"""Cells of many places as they are counted or kept, and their division by kind. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray

from server.rankings.cells import Cells, Factor

Matrix = NDArray[np.int64]

KEPT = np.dtype("<i4")
KEPT_COLUMNS = 9
"""Of a kept month: member, family, channel, hour, arrivals, n, k, suspect n, suspect k."""
_UNIT, _MEMBER, _FAMILY, _CHANNEL, _HOUR, _ARRIVALS, _N, _K, _SUSPECT_N, _SUSPECT_K = range(10)


class Names:
    """Numbers names in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return the number of `name`."""
        return self._numbers.setdefault(name, len(self._numbers))

    def find(self, name: str) -> int | None:
        """Return the number of `name`, None where it has none."""
        return self._numbers.get(name)

    def numbers(self, names: Iterable[str]) -> Matrix:
        """Return the numbers of `names`."""
        return np.array([self.number(name) for name in names], dtype=np.int64)

    @property
    def known(self) -> tuple[str, ...]:
        """Every name, by its number."""
        return tuple(self._numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMonth:
    """A kept month of one unit: names, and the cells that hold their numbers."""

    unit: str
    members: Sequence[str]
    families: Sequence[str]
    channels: Sequence[str]
    cells: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shifted:
    """Numbers of the names of many months, one month after another."""

    known: Matrix
    starts: Matrix

    @classmethod
    def of(cls, names: Names, months: Sequence[Sequence[str]]) -> Self:
        sizes = [len(month) for month in months]
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        return cls(known=names.numbers(chain.from_iterable(months)), starts=starts)

    def numbers(self, month_of: Matrix, place: Matrix) -> Matrix:
        """Return the numbers of the names at these places of their months."""
        return np.asarray(self.known[self.starts[month_of] + place])


@dataclass(slots=True)
class Counted:
    """Cells of any number of units and periods: add rows, then divide them.

    A row is unit, member within the unit ("" for the unit itself), family, channel, hour, class of
    arrivals, n, k, suspect n, suspect k.
    """

    units: Names = field(default_factory=Names)
    members: Names = field(default_factory=Names)
    families: Names = field(default_factory=Names)
    channels: Names = field(default_factory=Names)
    _parts: list[Matrix] = field(default_factory=list)  # a row of the matrix for each column

    def add_rows(self, rows: Sequence[Sequence[object]]) -> None:
        """Add rows as the statements of `cells.sql` give them."""
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        named = (self.units, self.members, self.families, self.channels)
        texts = [names.numbers(map(str, columns[at])) for at, names in enumerate(named)]
        figures = [np.array(column, dtype=np.int64) for column in columns[4:]]
        self._parts.append(np.stack([*texts, *figures]))

    def add_kept(self, months: Sequence[KeptMonth]) -> None:
        """Add kept months of any units."""
        if not months:
            return
        cells = np.frombuffer(b"".join(month.cells for month in months), dtype=KEPT)
        kept = cells.reshape(-1, KEPT_COLUMNS).T
        sizes = [len(month.cells) // (KEPT.itemsize * KEPT_COLUMNS) for month in months]
        month_of = np.repeat(np.arange(len(months)), sizes)
        units = self.units.numbers(month.unit for month in months)
        # Number -1, no member, is the last one's place before the month's own first.
        members = _Shifted.of(self.members, [("", *month.members) for month in months])
        families = _Shifted.of(self.families, [month.families for month in months])
        channels = _Shifted.of(self.channels, [month.channels for month in months])
        part = np.empty((KEPT_COLUMNS + 1, kept.shape[1]), dtype=np.int64)
        part[_UNIT] = units[month_of]
        part[_MEMBER] = members.numbers(month_of, kept[0] + 1)
        part[_FAMILY] = families.numbers(month_of, kept[1])
        part[_CHANNEL] = channels.numbers(month_of, kept[2])
        part[_HOUR:] = kept[3:]
        self._parts.append(part)

    def within(self, units: Iterable[str]) -> Counted:
        """Return what was counted of these units alone, under the same numbers."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts, axis=1)]
        wanted = np.zeros(len(self.units.known), dtype=bool)
        wanted[[at for unit in units if (at := self.units.find(unit)) is not None]] = True
        return Counted(
            units=self.units,
            members=self.members,
            families=self.families,
            channels=self.channels,
            _parts=[part[:, wanted[part[_UNIT]]] for part in self._parts],
        )

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """The units with the members within them that anything was counted of."""
        units, members = self.units.known, self.members.known
        width = len(members)
        keys = {
            key
            for part in self._parts
            for key in np.unique(part[_UNIT] * width + part[_MEMBER]).tolist()
        }
        return {(units[key // width], members[key % width]) for key in keys}

    def divide(
        self, places: Mapping[tuple[str, str], tuple[str, str]], *, kinds: Mapping[str, str]
    ) -> dict[str, Cells]:
        """Return the cells of each kind of members.

        `places` gives for a unit and a member within it ("" for all of them) the kind and the
        ranked member that its cells count for; others count nowhere. With `kinds`, the kind of each
        unit, cells are told apart by it instead of by family: for procedures, which are of one.
        """
        place_of, members = self._places(places)
        nothing = np.zeros((KEPT_COLUMNS + 1, 0), dtype=np.int64)
        table = np.concatenate([nothing, *self._parts], axis=1)
        member = place_of[table[_UNIT], table[_MEMBER]]
        result = {}
        for kind, own in members.items():
            first = own[0][0]
            rows = np.flatnonzero((member >= first) & (member < first + len(own)))
            names = tuple(name for _, name in own)
            result[kind] = self._cells(table[:, rows], member[rows] - first, names, kinds)
        return result

    def _places(
        self, places: Mapping[tuple[str, str], tuple[str, str]]
    ) -> tuple[Matrix, dict[str, list[tuple[int, str]]]]:
        """Return the number of the ranked member by unit and member, and numbers by kind."""
        ranked = sorted(set(places.values()))
        numbers = {each: number for number, each in enumerate(ranked)}
        by_kind: dict[str, list[tuple[int, str]]] = {}
        for (kind, name), number in numbers.items():
            by_kind.setdefault(kind, []).append((number, name))
        place_of = np.full((len(self.units.known), len(self.members.known)), -1)
        # Those of whole units first: what is said of a member goes before it.
        for (unit, member), found in sorted(places.items(), key=lambda each: each[0][1] != ""):
            at, index = self.units.find(unit), self.members.find(member)
            if at is not None and (index is not None or not member):
                place_of[at, slice(None) if not member else index] = numbers[found]
        return place_of, by_kind

    def _cells(
        self, table: Matrix, member: Matrix, members: tuple[str, ...], kinds: Mapping[str, str]
    ) -> Cells:
        named: dict[Factor, tuple[Matrix, Sequence[str]]] = {}
        if kinds:
            names = Names()
            of_unit = names.numbers(kinds.get(unit, "") for unit in self.units.known)
            named[Factor.KIND] = _in_order(of_unit[table[_UNIT]], names.known)
        else:
            named[Factor.FAMILY] = _in_order(table[_FAMILY], self.families.known)
        named[Factor.CHANNEL] = _in_order(table[_CHANNEL], self.channels.known)
        named[Factor.HOUR] = table[_HOUR], [str(hour) for hour in range(24)]
        # Class -1, nobody counted, comes first.
        classes = [str(each) for each in range(-1, 32)]
        named[Factor.ARRIVALS] = table[_ARRIVALS] + 1, classes
        first, whose = _alike(member, [(code, len(names_of)) for code, names_of in named.values()])
        n, k = (np.bincount(whose, weights=table[column]).astype(np.float64) for column in (_N, _K))
        levels: dict[Factor, tuple[str, ...]] = {}
        codes: dict[Factor, Matrix] = {}
        for factor, (every, names_of) in named.items():
            code = every[first]
            used = np.flatnonzero(np.bincount(code, weights=n, minlength=1))
            if len(used) > 1:
                place = np.zeros(len(names_of), dtype=np.int64)
                place[used] = np.arange(len(used))
                codes[factor] = place[code]
                levels[factor] = tuple(names_of[index] for index in used.tolist())
        suspects = (
            np.bincount(member, weights=table[column], minlength=len(members)).astype(np.int64)
            for column in (_SUSPECT_N, _SUSPECT_K)
        )
        return Cells(
            members=members,
            levels=levels,
            member=member[first],
            codes=codes,
            n=n,
            k=k,
            suspect_n=next(suspects),
            suspect_k=next(suspects),
        )


def _in_order(code: Matrix, names: Sequence[str]) -> tuple[Matrix, Sequence[str]]:
    """Return numbers and names in the order of the names, whatever was counted first."""
    ordered = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.int64)
    place[ordered] = np.arange(len(names))
    return place[code], [names[index] for index in ordered]


def _alike(member: Matrix, codes: Sequence[tuple[Matrix, int]]) -> tuple[Matrix, Matrix]:
    """Return a row of each combination, in order, and of every row which combination it is.

    The same cases are the same cells, whether they were kept by month or counted at once: in other
    cells the draws of ranks would be other ones.
    """
    key = member
    for code, size in codes:
        key = key * size + code
    _, first, whose = np.unique(key, return_index=True, return_inverse=True)
    return first, whose


def pack(rows: Sequence[Sequence[object]]) -> tuple[list[str], list[str], list[str], bytes]:
    """Return rows of one unit as they are kept: names of members, families, channels, and cells."""
    members, families, channels = Names(), Names(), Names()
    packed = np.array(
        [
            (
                members.number(str(member)) if member else -1,
                families.number(str(family)),
                channels.number(str(channel)),
                *figures,
            )
            for _, member, family, channel, *figures in rows
        ],
        dtype=KEPT,
    )
    return list(members.known), list(families.known), list(channels.known), packed.tobytes()
