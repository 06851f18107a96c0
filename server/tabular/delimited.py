"""Reads CSV in whatever encoding and with whatever separator, a row at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from server.errors import TableUnreadable
from server.tabular.encodings import Encoding, find_encoding, open_text
from server.tabular.headers import SEARCHED_ROWS, Header, find_header, require_header
from server.tabular.records import Record, Row, is_blank_row
from server.tabular.tables import Table

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<separator>.)"?\s*\Z', re.IGNORECASE)
"""What Excel writes on the first line to say which separator it used."""


@contextmanager
def open_delimited(path: Path, record: Record[Any]) -> Iterator[Table]:
    """Give the table of a CSV file; raise TableUnreadable where it is none."""
    size = max(path.stat().st_size, 1)
    with path.open("rb") as binary, open_text(binary, _encoding(path, binary)) as text:
        lines = iter(text)
        sample = list(islice(lines, _SAMPLE_LINES))
        skipped, separator = _separator(sample, record)
        header = require_header(
            find_header(_cells(sample[skipped:], separator), record), record, str(path)
        )
        rows = _rows(path, chain(sample[skipped:], lines), separator, skipped)
        yield Table(
            titles=header.titles,
            places=header.places,
            notices=_notices(header),
            rows=_below(header, rows),
            share_read=lambda: min(binary.tell() / size, 1.0),
        )


def _encoding(path: Path, binary: BinaryIO) -> Encoding:
    encoding = find_encoding(binary)
    if encoding is None:
        raise TableUnreadable(
            f"{path} is text in an unknown encoding; save it as 'CSV UTF-8' and try again"
        )
    return encoding


def _separator(sample: list[str], record: Record[Any]) -> tuple[int, str]:
    """Return how many lines a `sep=` takes, and the separator: said, or naming most columns."""
    if sample and (said := _SEPARATOR_LINE.match(sample[0])):
        return 1, said["separator"]
    found = {separator: find_header(_cells(sample, separator), record) for separator in _SEPARATORS}
    known = {separator: len(header.names) for separator, header in found.items() if header}
    return 0, max(known, key=lambda separator: known[separator], default=",")


def _cells(sample: list[str], separator: str) -> list[list[str]]:
    """Return the first rows of the sample; one that is cut off or damaged ends them."""
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO("".join(sample), newline=""), delimiter=separator):
            rows.append(cells)
            if len(rows) == SEARCHED_ROWS:
                break
    except csv.Error:
        pass
    return rows


def _rows(path: Path, lines: Iterable[str], separator: str, before: int) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = before + 1
    try:
        for cells in reader:
            yield Row(line=line, cells=cells)
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise TableUnreadable(
            f"{path} is damaged from line {line} on ({error}); look for a quotation mark that "
            "is not closed"
        ) from error


def _below(header: Header, rows: Iterator[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number > header.index and not is_blank_row(row.cells):
            yield row


def _notices(header: Header) -> tuple[str, ...]:
    if not header.unknown:
        return ()
    return (f"columns that are not known and are left out: {', '.join(header.unknown)}",)
