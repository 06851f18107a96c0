"""Vietnamese names sorted and searched without regard to diacritics."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics: "Đại Sơn" gives "dai son"."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def sort_key(name: str) -> tuple[str, str]:
    """Return the key by which names sort: without diacritics first, with them to break ties."""
    return fold(name), unicodedata.normalize("NFC", name)
