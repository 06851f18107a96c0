"""Ranks as they are told to whoever may see some alone of the members that others do not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from server.rankings.tables import Row, Table


def with_named(
    public: Mapping[str, Table], whole: Mapping[str, Table], units: Collection[str]
) -> dict[str, Table]:
    """Return the tables that anybody may see, with rows of these units as `whole` ranks them.

    Nobody has a rank of the reader's own: the public ones are ranked among themselves, and whoever
    is told by right among everybody, whoever looks.
    """
    found = {}
    for kind in sorted({*public, *whole}):
        named = named_rows(whole[kind], units) if kind in whole else ()
        table = public.get(kind, Table(rows=()))
        rows = (row for row in table.rows if row.withheld is None or row.unit not in units)
        told = (*rows, *named)
        if told:
            found[kind] = replace(table, rows=told)
    return found


def named_rows(whole: Table, units: Collection[str]) -> tuple[Row, ...]:
    """Return the rows of these units with the number of members that they are ranked among.

    Without what would tell the figures of the others that are withheld: the level of all and what
    is measured from it, and who cannot be told apart.
    """
    among = sum(row.rank is not None for row in whole.rows)
    return tuple(
        replace(
            row,
            among=None if row.rank is None else among,
            shrunken=None,
            group=None,
            group_size=None,
            parts=None,
            over_expected=None,
        )
        for row in whole.rows
        if row.unit in units and row.named
    )
