"""Random tokens: what a browser or program shows, and the digest by which we know it again."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

_BYTES = 32
_LONGEST = 100


class TokenKind(StrEnum):
    """What a token is for; it stands at its beginning, so that a leaked one is recognised."""

    SIGN_IN = "mts"
    KEY = "mtk"
    SCREEN = "mtw"
    SCREEN_CODE = "mtc"
    LINK = "mtl"


def new_token(kind: TokenKind) -> str:
    """Return a new token with 256 bits that nobody can guess."""
    return f"{kind}_{secrets.token_urlsafe(_BYTES)}"


def kind_of(token: str) -> TokenKind | None:
    """Return what a token claims to be for, None when it cannot be one of ours."""
    prefix, _, rest = token.partition("_")
    if not rest or len(token) > _LONGEST or prefix not in set(TokenKind):
        return None
    return TokenKind(prefix)


def digest(token: str) -> bytes:
    """Return what the database keeps: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
