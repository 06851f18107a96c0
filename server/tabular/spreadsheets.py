"""Reads XLSX, XLS and ODS through python-calamine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine as calamine

from server.errors import TableTooLarge, TableUnreadable
from server.tabular.cells import Value
from server.tabular.headers import SEARCHED_ROWS, Header, find_header, require_header
from server.tabular.records import Record, Row, is_blank_row
from server.tabular.tables import Table

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
LARGEST_BYTES = 100_000_000
LARGEST_UNPACKED_BYTES = 2_000_000_000
"""A workbook stands in memory as a whole; its file may hold a hundred times its own size."""

_Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]


@contextmanager
def open_spreadsheet(path: Path, record: Record[Any]) -> Iterator[Table]:
    """Give the table of the first visible sheet that names the columns.

    Raises TableTooLarge, or TableUnreadable where there is no such sheet.
    """
    _require_size(path)
    try:
        with calamine.CalamineWorkbook.from_path(path) as workbook:
            yield _table(path, workbook, record)
    except (calamine.CalamineError, OSError) as error:
        reason = "has a password" if isinstance(error, calamine.PasswordError) else "is damaged"
        raise TableUnreadable(
            f"{path} {reason} and cannot be read; save it anew, or as CSV UTF-8"
        ) from error


def _require_size(path: Path) -> None:
    too_large = path.stat().st_size > LARGEST_BYTES
    if not too_large and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            too_large = sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED_BYTES
    if too_large:
        raise TableTooLarge(
            f"{path} is larger than the {LARGEST_BYTES // 1_000_000} MB up to which spreadsheets "
            "are read; save it as CSV UTF-8, which has no limit"
        )


def _table(path: Path, workbook: calamine.CalamineWorkbook, record: Record[Any]) -> Table:
    sheet, header, others = _choose(workbook, record)
    header = require_header(header, record, str(path))
    assert sheet is not None
    read, height = [0], max(sheet.total_height, 1)
    return Table(
        titles=header.titles,
        places=header.places,
        notices=_notices(header, sheet.name, others),
        rows=_rows(sheet, header, read),
        share_read=lambda: min(read[0] / height, 1.0),
    )


def _choose(
    workbook: calamine.CalamineWorkbook, record: Record[Any]
) -> tuple[calamine.CalamineSheet | None, Header | None, list[str]]:
    """Return the first visible sheet that names the required columns, and the names of others.

    Where none does, the first that names any. One sheet is in memory besides the chosen one.
    """
    chosen: tuple[calamine.CalamineSheet | None, Header | None] = (None, None)
    others: list[str] = []
    for about in workbook.sheets_metadata:
        if about.visible is not calamine.SheetVisibleEnum.Visible:
            continue
        if about.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(about.name)
        header = find_header(_first_rows(sheet), record)
        if header is None:
            continue
        if chosen[1] is None or (chosen[1].lacks(record) and not header.lacks(record)):
            chosen = (sheet, header)
        elif not header.lacks(record):
            others.append(about.name)
    return *chosen, others


def _first_rows(sheet: calamine.CalamineSheet) -> list[Sequence[Value]]:
    return list(islice(sheet.iter_rows(), SEARCHED_ROWS + (sheet.start or (0, 0))[0]))


def _rows(sheet: calamine.CalamineSheet, header: Header, read: list[int]) -> Iterator[Row]:
    left = (sheet.start or (0, 0))[1]  # rows come from the sheet's first line, but not its column
    covered = _covered(sheet.merged_cell_ranges or (), left)
    for number, cells in enumerate(sheet.iter_rows()):
        read[0] = number + 1
        if number > header.index and not is_blank_row(cells):
            yield Row(line=number + 1, cells=cells, covered=covered.get(number, frozenset()))


def _covered(merged: _Merged, first: int) -> dict[int, frozenset[int]]:
    """Return, by row, the places that merged cells hide: each but their first.

    Of a merged range that reaches far down or to the right, the first thousand rows and columns.
    """
    hidden: dict[int, set[int]] = {}
    for (top, left), (bottom, right) in merged:
        for row in range(top, min(bottom, top + 1000) + 1):
            places = range(left, min(right, left + 1000) + 1)
            hidden.setdefault(row, set()).update(
                place - first for place in places if (row, place) != (top, left)
            )
    return {row: frozenset(places) for row, places in hidden.items()}


def _notices(header: Header, sheet: str, others: Sequence[str]) -> tuple[str, ...]:
    notices = []
    if header.unknown:
        notices.append(f"columns that are not known and are left out: {', '.join(header.unknown)}")
    if others:
        notices.append(f"the sheet {sheet!r} is read; {', '.join(map(repr, others))} is not")
    return tuple(notices)
