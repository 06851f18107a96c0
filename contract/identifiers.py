"""Time-ordered message identifiers (UUID version 7, RFC 9562 section 5.7)."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from uuid import UUID

_RANDOM_BYTES = 10


def new_id(at: datetime) -> UUID:
    """Return a fresh UUIDv7 whose timestamp is `at` (millisecond resolution)."""
    return _uuid7(at, os.urandom(_RANDOM_BYTES))


def derived_id(at: datetime, *parts: str | int) -> UUID:
    """Return the UUIDv7 that `at` and `parts` always give: replays repeat their identifiers."""
    text = "\x1f".join(str(part) for part in parts)
    return _uuid7(at, hashlib.blake2b(text.encode(), digest_size=_RANDOM_BYTES).digest())


def _uuid7(at: datetime, entropy: bytes) -> UUID:
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(entropy)
    value &= ~(0xF << 76)
    value |= 0x7 << 76
    value &= ~(0x3 << 62)
    value |= 0x2 << 62
    return UUID(int=value)
