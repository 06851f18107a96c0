"""Cells of many places as they are counted or kept, and their division by kind. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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

    def numbers(self, names: Iterable[str]) -> Matrix:
        """Return the numbers of `names`."""
        return np.array([self.number(name) for name in names], dtype=np.int64)

    @property
    def known(self) -> tuple[str, ...]:
        """Every name, by its number."""
        return tuple(self._numbers)


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
        table = np.stack([*texts, *figures])
        order = np.argsort(table[_UNIT], kind="stable")
        bounds = np.flatnonzero(np.diff(table[_UNIT][order])) + 1
        self._parts += np.split(table[:, order], bounds, axis=1)

    def add_kept(
        self,
        unit: str,
        members: Sequence[str],
        families: Sequence[str],
        channels: Sequence[str],
        cells: bytes,
    ) -> None:
        """Add a kept month of one unit."""
        kept = np.frombuffer(cells, dtype=KEPT).reshape(-1, KEPT_COLUMNS)
        part = np.empty((KEPT_COLUMNS + 1, len(kept)), dtype=np.int64)
        part[_UNIT] = self.units.number(unit)
        # Number -1, the whole unit, is the last of this array.
        part[_MEMBER] = self.members.numbers([*members, ""])[kept[:, 0]]
        part[_FAMILY] = self.families.numbers(families)[kept[:, 1]]
        part[_CHANNEL] = self.channels.numbers(channels)[kept[:, 2]]
        part[_HOUR:] = kept[:, 3:].T
        self._parts.append(part)

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """The units with the members within them that anything was counted of."""
        units, members = self.units.known, self.members.known
        return {
            (units[int(part[_UNIT, 0])], members[member])
            for part in self._parts
            if part.size
            for member in np.unique(part[_MEMBER]).tolist()
        }

    def divide(
        self, places: Mapping[tuple[str, str], tuple[str, str]], *, kinds: Mapping[str, str]
    ) -> dict[str, Cells]:
        """Return the cells of each kind of members.

        `places` gives for a unit and a member within it ("" for all of them) the kind and the
        ranked member that its cells count for; others count nowhere. With `kinds`, the kind of each
        unit, cells are told apart by it instead of by family: for procedures, which are of one.
        """
        place_of, members = self._places(places)
        result = {}
        for kind, own in members.items():
            first, names = own[0][0], tuple(name for _, name in own)
            chosen, numbers = [], []
            # Each part is of one unit, so that most are taken or left as a whole.
            for part in self._parts:
                member = place_of[part[_UNIT, :1], part[_MEMBER]] - first
                here = (member >= 0) & (member < len(own))
                if here.all():
                    chosen.append(part)
                    numbers.append(member)
                elif here.any():
                    chosen.append(part[:, here])
                    numbers.append(member[here])
            nothing = np.zeros((KEPT_COLUMNS + 1, 0), dtype=np.int64)
            table = np.concatenate([nothing, *chosen], axis=1)
            member = np.concatenate([np.zeros(0, dtype=np.int64), *numbers])
            result[kind] = self._cells(table, member, names, kinds)
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
        for at, unit in enumerate(self.units.known):
            whole = places.get((unit, ""))
            for index, member in enumerate(self.members.known):
                found = places.get((unit, member), whole)
                if found is not None:
                    place_of[at, index] = numbers[found]
        return place_of, by_kind

    def _cells(
        self, table: Matrix, member: Matrix, members: tuple[str, ...], kinds: Mapping[str, str]
    ) -> Cells:
        named: dict[Factor, tuple[Matrix, Sequence[str]]] = {}
        n = table[_N].astype(np.float64)
        if kinds:
            names = Names()
            of_unit = names.numbers(kinds.get(unit, "") for unit in self.units.known)
            named[Factor.KIND] = of_unit[table[_UNIT]], names.known
        else:
            named[Factor.FAMILY] = table[_FAMILY], self.families.known
        named[Factor.CHANNEL] = table[_CHANNEL], self.channels.known
        named[Factor.HOUR] = table[_HOUR], [str(hour) for hour in range(24)]
        # Class -1, nobody counted, comes first.
        classes = [str(each) for each in range(-1, 32)]
        named[Factor.ARRIVALS] = table[_ARRIVALS] + 1, classes
        levels: dict[Factor, tuple[str, ...]] = {}
        codes: dict[Factor, Matrix] = {}
        for factor, (code, names_of) in named.items():
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
            member=member,
            codes=codes,
            n=n,
            k=table[_K].astype(np.float64),
            suspect_n=next(suspects),
            suspect_k=next(suspects),
        )


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
