"""Opens a file that holds a table, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.errors import TableUnreadable
from server.tabular.delimited import open_delimited
from server.tabular.records import Record
from server.tabular.spreadsheets import SUFFIXES, open_spreadsheet
from server.tabular.tables import Table


@contextmanager
def open_table(path: Path, record: Record[Any]) -> Iterator[Table]:
    """Give the table in `path`: a spreadsheet by its name, anything else as CSV.

    Raises TableUnreadable or TableTooLarge.
    """
    opening = open_spreadsheet if path.suffix.lower() in SUFFIXES else open_delimited
    try:
        with opening(path, record) as table:
            yield table
    except OSError as error:
        raise TableUnreadable(f"{path} cannot be read: {error.strerror or error}") from error
