"""PINs and badges as salted hashes: what `config` carries, and how it is checked without a network.

scrypt (RFC 7914) with r = 8 and p = 1. A PIN of four digits has ten thousand values: the hash keeps
it from being read, the back-off of `edge.kiosk.sign_on` from being tried out.
"""

from __future__ import annotations

import hashlib
import hmac
import os

_R, _P = 8, 1
PIN_LOG2_N = 14
"""16 MB and some 50 ms a try on a small processor."""

_MOST_LOG2_N = 15
_MOST_MEMORY_BYTES = 64 * 1024 * 1024


def make_hash(secret: str, *, salt: bytes | None = None, log2_n: int = PIN_LOG2_N) -> str:
    """Return the hash of a PIN or of a badge's number, as `config` carries it."""
    salt = os.urandom(16) if salt is None else salt
    return f"scrypt${log2_n}${salt.hex()}${_digest(secret, salt, log2_n).hex()}"


def is_secret(secret: str, known: str) -> bool:
    """Return whether `known` is a hash of `secret`; one that wants too much work is not tried."""
    _, log2_n, salt, digest = known.split("$")
    if not 1 <= int(log2_n) <= _MOST_LOG2_N:
        return False
    found = _digest(secret, bytes.fromhex(salt), int(log2_n))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _digest(secret: str, salt: bytes, log2_n: int) -> bytes:
    return hashlib.scrypt(
        secret.strip().encode(), salt=salt, n=2**log2_n, r=_R, p=_P, maxmem=_MOST_MEMORY_BYTES,
        dklen=32,
    )  # fmt: skip
