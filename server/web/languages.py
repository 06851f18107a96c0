"""Which language whoever asks reads: `lang` of the address, else RFC 9110, 12.5.4. Pure."""

from __future__ import annotations

import re

from contract.texts import Language

_ASKED = re.compile(rb"(?:^|&)lang=(vi|en)(?:&|$)")


def language_asked(query: bytes, accepted: bytes | None) -> Language:
    """Return the language that `lang` of a query names, else the one of `Accept-Language`."""
    named = _ASKED.search(query)
    if named is not None:
        return Language(named[1].decode())
    return language_of(None if accepted is None else accepted.decode("latin-1"))


def language_of(accepted: str | None) -> Language:
    """Return the language that `Accept-Language` prefers; Vietnamese where it names neither."""
    best, found = 0.0, Language.VI
    for part in (accepted or "")[:200].split(","):
        tag, _, weight = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if language in set(Language) and quality > best:
            best, found = quality, Language(language)
    return found


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
