"""Who is in front of the page that is being made, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from contract.access import Visitor

_CURRENT: ContextVar[Visitor | None] = ContextVar("visiting", default=None)


def visitor() -> Visitor | None:
    """Return who is in front of the page, None while nobody can say."""
    return _CURRENT.get()


def may(right: str) -> bool:
    """Return whether the visitor holds a right anywhere; while nobody can say, they may.

    It only decides what is offered: whether an act is allowed, the API says.
    """
    found = visitor()
    return found is None or bool(found.rights.get(right))


def place_of_figures() -> str:
    """Return the largest place of which the visitor may read figures: the province if they may."""
    found = visitor()
    scopes = () if found is None else found.rights.get("read_figures", ())
    return scopes[0] if scopes and "province" not in scopes else "province"


@contextmanager
def visited_by(found: Visitor | None) -> Iterator[None]:
    """Make pages for `found` while the block runs."""
    token = _CURRENT.set(found)
    try:
        yield
    finally:
        _CURRENT.reset(token)
