"""Tokens by which a citizen rates one visit on an own telephone: made by a device offline.

A token is what a QR code carries behind the page's address: base64url (RFC 4648, unpadded) of

    version (1 byte, 1) | key number (4) | issued (4, UNIX seconds) | request (16) | visit (16) |
    counter (ASCII, may be empty) | HMAC-SHA-256 of all before it, its first 16 bytes

with whole numbers in network order. `visit` is zeros where no visit is known, `counter` is empty
for the device's own. Who holds a token can rate that visit once; it names nobody.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_HEAD = struct.Struct("!BII16s16s")
_VERSION = 1
_MAC_BYTES = 16
_LONGEST_COUNTER = 63
_NO_VISIT = bytes(16)

LONGEST_TOKEN = 4 * (_HEAD.size + _LONGEST_COUNTER + _MAC_BYTES + 2) // 3
"""Characters; what is longer is none."""


class TokenInvalid(ValueError):
    """The text is no token, or was not signed with the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitToken:
    """What a token says; `request` is the request for a rating, by which it is used once."""

    number: int
    issued_at: datetime
    request: UUID
    visit: UUID | None = None
    counter: str | None = None


def make_token(token: VisitToken, key: bytes) -> str:
    """Return the text of `token`, signed with `key` (32 bytes)."""
    head = _HEAD.pack(
        _VERSION,
        token.number,
        int(token.issued_at.timestamp()),
        token.request.bytes,
        _NO_VISIT if token.visit is None else token.visit.bytes,
    )
    said = head + (token.counter or "").encode("ascii")
    return base64.urlsafe_b64encode(said + _mac(said, key)).rstrip(b"=").decode()


def read_token(text: str) -> VisitToken:
    """Return what `text` says, not verified yet; raise TokenInvalid."""
    said = _bytes(text)[:-_MAC_BYTES]
    version, number, issued, request, visit = _HEAD.unpack(said[: _HEAD.size])
    if version != _VERSION:
        raise TokenInvalid(f"token of version {version}; this release reads {_VERSION}")
    try:
        counter = said[_HEAD.size :].decode("ascii")
    except UnicodeDecodeError as error:
        raise TokenInvalid("the counter is not ASCII") from error
    return VisitToken(
        number=number,
        issued_at=datetime.fromtimestamp(issued, UTC),
        request=UUID(bytes=request),
        visit=None if visit == _NO_VISIT else UUID(bytes=visit),
        counter=counter or None,
    )


def verify_token(text: str, key: bytes) -> None:
    """Raise TokenInvalid unless `text` was signed with `key`."""
    said = _bytes(text)
    if not hmac.compare_digest(_mac(said[:-_MAC_BYTES], key), said[-_MAC_BYTES:]):
        raise TokenInvalid("the token was not signed by this device")


def _mac(said: bytes, key: bytes) -> bytes:
    return hmac.digest(key, said, hashlib.sha256)[:_MAC_BYTES]


def _bytes(text: str) -> bytes:
    if len(text) > LONGEST_TOKEN:
        raise TokenInvalid("too long for a token")
    try:
        said = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise TokenInvalid("not base64url") from error
    if not _HEAD.size + _MAC_BYTES <= len(said) <= _HEAD.size + _LONGEST_COUNTER + _MAC_BYTES:
        raise TokenInvalid("of another length than a token")
    # Base64 leaves bits of the last character unused, and the decoder skips what is no digit: one
    # token has one text.
    if base64.urlsafe_b64encode(said).rstrip(b"=").decode() != text:
        raise TokenInvalid("not as it was made")
    return said
