"""Columns of many rows as PostgreSQL array literals, written by msgspec's JSON encoder, in C.

For numbers, booleans, times, UUIDs and texts without control characters a JSON list in braces is
such a literal; building one element by element takes several times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

_JSON: Final = msgspec.json.Encoder()


def literal(values: Sequence[object]) -> str:
    """Return a PostgreSQL array literal of numbers, booleans, times, UUIDs, plain texts or None."""
    return "{" + _JSON.encode(values)[1:-1].decode() + "}"
