"""The one way to write a document's content as bytes, and the digests of it. Pure.

JSON with sorted names and no spaces, UTF-8; shares and other figures were rounded when the document
was made, so that the same figures give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from server.reports.document import Cell, Document, Missing, Row

_ROW_DIGITS = 16
_KEY_DIGITS = 12
CELL_DIGITS = 8
"""Of a cell: what was issued is compared with what is told now, not proved by it."""

RowDigests = Mapping[str, Any]
"""By table: `columns`, each with its kind, and `rows` by the digest of their keys, each the digests
of its cells one after another. Of files of layout 0 by the key's digest that of all cells.
"""


def content_of(document: Document) -> Any:  # noqa: ANN401 - any JSON value
    """Return the document as JSON values; what is absent is left out."""
    return _compact(msgspec.to_builtins(document))


def canonical(document: Document) -> bytes:
    """Return the bytes of the document's content."""
    return _bytes(content_of(document))


def digest_of(document: Document) -> str:
    """Return the SHA-256 of the content in hexadecimal digits."""
    return hashlib.sha256(canonical(document)).hexdigest()


def row_digests(document: Document) -> RowDigests:
    """Return what tells which figures changed since, without keeping whose they are."""
    return {
        table.id: {
            "columns": [[column.id, str(column.kind)] for column in table.columns],
            "rows": {key_digest(row): "".join(map(cell_digest, row.cells)) for row in table.rows},
        }
        for table in document.tables
    }


def cell_digest(cell: Cell) -> str:
    """Return the digest of a cell; in which words a figure is missing does not matter."""
    cell = replace(cell, reason="") if isinstance(cell, Missing) else cell
    said = _bytes(_compact(msgspec.to_builtins(cell)))
    return hashlib.sha256(said).hexdigest()[:CELL_DIGITS]


def key_digest(row: Row) -> str:
    """Return the digest of a row's key."""
    return hashlib.sha256(row.key.encode()).hexdigest()[:_KEY_DIGITS]


def row_digest(row: Row) -> str:
    """Return the digest of a row's cells."""
    cells = _bytes(_compact(msgspec.to_builtins(row.cells)))
    return hashlib.sha256(cells).hexdigest()[:_ROW_DIGITS]


def _bytes(value: object) -> bytes:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _compact(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _compact(member) for name, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_compact(member) for member in value]
    return value
