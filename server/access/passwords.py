"""Passwords: which are good enough, and their argon2id hashes.

Length and a list of known passwords in place of rules about characters: NIST SP 800-63B-4, 3.1.1.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import PasswordUnfit

SHORTEST = 12
LONGEST = 200
"""Characters. A longer one would only cost time."""

_AT_ONCE = 2
"""Hashes computed at the same time: each takes 64 MiB and a core."""

_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash(secrets.token_urlsafe(32))


class Passwords:
    """Hashes and checks passwords off the event loop, a few at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        async with self._room:
            return await asyncio.to_thread(_HASHER.hash, _normal(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return whether `password` is the stored one; for nobody's it takes as long and is not."""
        async with self._room:
            return await asyncio.to_thread(_verify, _normal(password), stored)

    async def hash_if_outdated(self, password: str, stored: str) -> str | None:
        """Return a new hash where the stored one has weaker parameters than today's."""
        return await self.hash(password) if _HASHER.check_needs_rehash(stored) else None


def require_fit(password: str, *, names: Sequence[str] = ()) -> None:
    """Raise PasswordUnfit for one that is too short, too long, well known, or says a name."""
    said = _normal(password)
    if len(said) < SHORTEST:
        raise PasswordUnfit(f"the password has fewer than {SHORTEST} characters: take a longer one")
    if len(said) > LONGEST:
        raise PasswordUnfit(f"the password has more than {LONGEST} characters: take a shorter one")
    if _is_known(said.casefold()) or len(set(said)) < 5:
        raise PasswordUnfit("the password is one that attackers try first: take another one")
    for name in names:
        if len(name) > 3 and name.casefold() in said.casefold():
            raise PasswordUnfit("the password contains a name of its account: take another one")


def _verify(password: str, stored: str | None) -> bool:
    try:
        return _HASHER.verify(stored or _NOBODYS, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _is_known(said: str) -> bool:
    """Return whether it is a leaked password, also one with digits after it, or a word twice."""
    # Imported when it is needed: the list takes some megabytes.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    known = set(FREQUENCY_LISTS["passwords"])
    half = said[: len(said) // 2]
    return not known.isdisjoint({said, said.rstrip("0123456789!@#$%.")}) or said == half * 2


def _normal(password: str) -> str:
    """Return one form of texts that look alike: keyboards write ế in one character or in three."""
    return unicodedata.normalize("NFC", password)
