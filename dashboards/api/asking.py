"""Who asks: the token of the request that is being answered, which the API is asked with in turn.

These processes have no rights of their own: whatever is read from the API is read as whoever looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from contract.texts import Language

AUTOMATIC = "Motcua-Automatic"
"""The header of what a page asks by itself: it keeps nobody signed in."""

ADDRESS, RELAY = "Motcua-Address", "Motcua-Relay"
"""The headers that say where the browser is, and prove that this process may say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whose token it is, None for nobody's, where the browser is and what it is, whether a page
    asks by itself, and the language in which they read what is refused.
    """

    token: str | None = None
    automatic: bool = False
    address: str = ""
    agent: str = ""
    language: Language | None = None

    def headers(self) -> Mapping[str, str]:
        """Return what tells the API who asks."""
        headers = {
            "Authorization": None if self.token is None else f"Bearer {self.token}",
            AUTOMATIC: "1" if self.automatic else None,
            ADDRESS: self.address or None,
            "User-Agent": self.agent or None,
            "Accept-Language": self.language,
        }
        return {name: value for name, value in headers.items() if value is not None}


NOBODY = Asking()
_CURRENT: ContextVar[Asking] = ContextVar("asking", default=NOBODY)


def asking() -> Asking:
    """Return who asks in the request that is being answered."""
    return _CURRENT.get()


@contextmanager
def asked_by(who: Asking) -> Iterator[None]:
    """Ask as `who` while the block runs, and in the tasks that it starts."""
    token = _CURRENT.set(who)
    try:
        yield
    finally:
        _CURRENT.reset(token)
