"""Finds by content in which encoding a text file is, and opens it so."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import BinaryIO

from server.tabular.syllables import share_of_syllables

_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_GOOD_ENOUGH = 0.5
"""The least share of syllables: other tables of characters make almost none."""

_TCVN3 = (
    "\xa0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
    "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_FROM_TCVN3 = {0xA0 + place: sign for place, sign in enumerate(_TCVN3)}
"""TCVN 5712:1993 as the fonts .VnTime have it: its bytes as Latin-1 → its characters."""


class Encoding(StrEnum):
    """An encoding that is read."""

    UTF_8 = "UTF-8"
    UTF_16_LE = "UTF-16 LE"
    UTF_16_BE = "UTF-16 BE"
    WINDOWS_1258 = "Windows-1258"
    TCVN3 = "TCVN3"


_CODECS = {
    Encoding.UTF_8: "utf-8",
    Encoding.UTF_16_LE: "utf-16-le",
    Encoding.UTF_16_BE: "utf-16-be",
    Encoding.WINDOWS_1258: "cp1258",
    Encoding.TCVN3: "latin-1",
}


@dataclass(slots=True)
class _Sample:
    """Lines with bytes beyond ASCII, and whether all that was seen is UTF-8."""

    lines: bytearray
    is_utf8: bool = True


def find_encoding(file: BinaryIO) -> Encoding | None:
    """Return the encoding of `file`, read from its beginning; None when it is none of these.

    Reads the whole file unless a byte order mark or zero bytes tell: a file that is UTF-8 up to
    its last line but one is not UTF-8. Then the table of characters that makes Vietnamese
    syllables of it is taken, UTF-8 with a few damaged characters among them.
    """
    file.seek(0)
    start = file.read(_SAMPLE)
    if (marked := _marked(start)) is not None:
        return marked
    file.seek(0)
    sample = _sample(file)
    if sample.is_utf8:
        return Encoding.UTF_8
    shares = {
        encoding: share_of_syllables(_decoded(bytes(sample.lines), encoding))
        for encoding in (Encoding.UTF_8, Encoding.WINDOWS_1258, Encoding.TCVN3)
    }
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] >= _GOOD_ENOUGH else None


@contextmanager
def open_text(file: BinaryIO, encoding: Encoding) -> Iterator[Iterable[str]]:
    """Give the lines of `file`, their ends kept; what cannot be decoded becomes U+FFFD."""
    file.seek(0)
    text = io.TextIOWrapper(file, _CODECS[encoding], errors="replace", newline="")
    try:
        if encoding is Encoding.TCVN3:
            yield (line.translate(_FROM_TCVN3) for line in text)
        else:
            yield _without_mark(text)
    finally:
        text.detach()  # whoever opened the file closes it


def _without_mark(lines: Iterable[str]) -> Iterable[str]:
    rest = iter(lines)
    return chain((line.removeprefix("\ufeff") for line in islice(rest, 1)), rest)


def _marked(start: bytes) -> Encoding | None:
    if start.startswith(codecs.BOM_UTF16_LE):
        return Encoding.UTF_16_LE
    if start.startswith(codecs.BOM_UTF16_BE):
        return Encoding.UTF_16_BE
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 > len(start) and max(even, odd) > 0:
        return Encoding.UTF_16_BE if even > odd else Encoding.UTF_16_LE
    return None


def _sample(file: BinaryIO) -> _Sample:
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample = _Sample(bytearray())
    while sample.is_utf8 or len(sample.lines) < _SAMPLE:
        block = file.read(_BLOCK)
        if sample.is_utf8:
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                sample.is_utf8 = False
        if not block:
            break
        if len(sample.lines) < _SAMPLE and not block.isascii():
            for line in block.splitlines(keepends=True):
                if not line.isascii() and len(sample.lines) < _SAMPLE:
                    sample.lines += line
    return sample


def _decoded(content: bytes, encoding: Encoding) -> str:
    text = content.decode(_CODECS[encoding], errors="replace")
    return text.translate(_FROM_TCVN3) if encoding is Encoding.TCVN3 else text
