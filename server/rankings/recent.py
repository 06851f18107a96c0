"""Keeps the last tables: who asks for the same cells again does not wait for the draws of ranks."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock

from contract.readings import encode
from server.rankings.cells import Cells
from server.rankings.tables import Table, rank_members

MOST_BYTES = 64_000_000
"""Of all tables that are kept together."""

_ROW_BYTES = 1_000
"""Of one member, about."""


class RecentTables:
    """Tables by the digest of everything that they are made of, so that each is the true one.

    May be asked by several threads at once; what two ask for at the same time is made twice.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._tables: OrderedDict[bytes, Table] = OrderedDict()
        self._lock = Lock()

    def rank(self, cells: Cells, *, seed: int, before: Cells | None = None) -> Table:
        """Return what `rank_members` does."""
        key = _digest(cells, seed, before)
        with self._lock:
            table = self._tables.get(key)
            if table is not None:
                self._tables.move_to_end(key)
                return table
        table = rank_members(cells, seed=seed, before=before)
        if _size(table) <= self._most_bytes:
            self._keep(key, table)
        return table

    def _keep(self, key: bytes, table: Table) -> None:
        with self._lock:
            self._tables[key] = table
            while sum(map(_size, self._tables.values())) > self._most_bytes:
                self._tables.popitem(last=False)


def _size(table: Table) -> int:
    """Return the bytes of a table; what members have in common is a matrix of them."""
    return _ROW_BYTES * len(table.rows) + (0 if table.overlaps is None else table.overlaps.nbytes)


def _digest(cells: Cells, seed: int, before: Cells | None) -> bytes:
    digest = hashlib.blake2b(str(seed).encode(), digest_size=32)
    for each in (cells, before):
        if each is None:
            continue
        digest.update(encode((each.members, dict(each.levels), len(each.n))))
        arrays = (each.member, each.n, each.k, each.suspect_n, each.suspect_k)
        for array in (*arrays, *(each.codes[factor] for factor in each.levels)):
            digest.update(array.tobytes())
    return digest.digest()
