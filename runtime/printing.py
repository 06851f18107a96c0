"""Lets a terminal that knows few letters print any text: nothing ends because of a letter."""

from __future__ import annotations

import codecs
import io
import unicodedata
from typing import TextIO

_UNMARKED = "motcua.unmarked"
_WITHOUT_DECOMPOSITION = str.maketrans("đĐ", "dD")


def replace_unprintable(*streams: TextIO | None) -> None:
    """Have `streams` write what their encoding lacks without its marks (Đơn vị: Don vi), else ?.

    Streams that encode nothing themselves are left alone.
    """
    codecs.register_error(_UNMARKED, _replace)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_UNMARKED)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(letter: str) -> str:
    """Return the ASCII letters of which `letter` is made, nothing for a mark alone, else "?"."""
    parts = unicodedata.normalize("NFKD", letter.translate(_WITHOUT_DECOMPOSITION))
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    if not letters.isascii():
        return "?"
    return letters
