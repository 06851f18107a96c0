"""Tells Vietnamese from what a wrong table of characters makes of it."""

from __future__ import annotations

import re
import unicodedata

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
_NUCLEUS = r"(?:iê|yê|uyê|uya|uâ|uô|ươ|oa|oă|oe|uê|uơ|uy|ia|ua|ưa|ya|oo|[aăâeêioôơuưy])"
_GLIDE = r"(?P<glide>[iyuo])?"
_CODA = r"(?:ng|nh|ch|[cmnpt])?"
_SYLLABLE = re.compile(f"{_ONSET}{_NUCLEUS}(?:{_GLIDE}|{_CODA})")
_WORD = re.compile(r"[^\W\d_]+")


def share_of_syllables(text: str) -> float:
    """Return which share of the words with letters beyond ASCII are Vietnamese syllables."""
    words = [word for word in _WORD.findall(_composed(text)) if not word.isascii()]
    strays = sum(1 for sign in _composed(text) if sign not in " \t\r\n" and _is_stray(sign))
    if not words:
        return 0.0 if strays else 1.0
    return sum(map(is_syllable, words)) / (len(words) + strays)


def is_syllable(word: str) -> bool:
    """Return whether `word`, in NFC, can be a syllable: onset, nucleus, coda, at most one tone.

    The tone is not on a final glide, and capitals stand at the beginning or everywhere.
    """
    if not (word.islower() or word.isupper() or word.istitle()):
        return False
    letters = [_without_tone(sign) for sign in word.lower()]
    tones = [place for place, (_, toned) in enumerate(letters) if toned]
    found = _SYLLABLE.fullmatch("".join(letter for letter, _ in letters))
    if found is None or len(tones) > 1:
        return False
    return not tones or found["glide"] is None or tones[0] < found.start("glide")


def _without_tone(sign: str) -> tuple[str, bool]:
    parts = unicodedata.normalize("NFD", sign)
    plain = "".join(part for part in parts if part not in _TONES)
    return unicodedata.normalize("NFC", plain), len(plain) < len(parts)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _is_stray(sign: str) -> bool:
    """Return whether a sign is a symbol, or a mark without the letter that it belongs to."""
    return not sign.isascii() and not sign.isalpha()
