"""Spreadsheets: which sheet is read, and what its cells mean."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from server.errors import TableTooLarge, TableUnreadable
from server.tabular import spreadsheets
from server.tabular.files import open_table
from server.tabular.records import Entry
from server.units.imports import UNIT
from tests.server.tabular.reading import codes, read_records, read_rows

HEAD = ["id", "parent", "name_vi", "valid_from"]
DAY = date(2025, 7, 1)


@pytest.fixture
def book(tmp_path):
    """Write sheets, by their name, and return the file."""

    def write(hidden: str = "", **sheets: list[list[object]]) -> Path:
        file = tmp_path / "units.xlsx"
        with xlsxwriter.Workbook(file) as made:
            day = made.add_format({"num_format": "dd/mm/yyyy"})
            for name, rows in sheets.items():
                sheet = made.add_worksheet(name)
                for at, row in enumerate(rows):
                    for place, value in enumerate(row):
                        if isinstance(value, date | datetime):
                            sheet.write_datetime(at, place, value, day)
                        else:
                            sheet.write(at, place, value)
                if name == hidden:
                    sheet.hide()
        return file

    return write


@pytest.mark.parametrize("day", [DAY, 45839, "45839", "01/07/2025", "2025-07-01 00:00:00"])
def test_days_may_be_days_numbers_or_text(book, day):
    (unit,) = read_records(book(a=[HEAD, ["a", "", "A", day]]), UNIT)
    assert unit.valid_from == DAY


def test_number_in_a_text_column_has_no_decimals(book):
    (unit,) = read_records(book(a=[HEAD, [7, "", 1200, ""]]), UNIT)
    assert (unit.id, unit.name_vi) == ("7", "1200")


def test_titles_above_and_an_empty_first_column_are_passed_over(book):
    rows = [["", "DANH SÁCH"], [], ["", *HEAD], [], ["", "a", "", "A"], ["", "B", "", "B"]]
    good, bad = read_rows(book(a=rows), UNIT)
    assert isinstance(good, Entry)
    assert good.record.id == "a"
    assert bad.line == 6


def test_first_visible_sheet_that_fits_is_read_and_others_are_named(book):
    file = book(
        hidden="old",
        notes=[["Ghi chú"], ["Không có gì"]],
        old=[HEAD, ["x", "", "X"]],
        units=[HEAD, ["a", "", "A"]],
        more=[HEAD, ["b", "", "B"]],
    )
    assert [unit.id for unit in read_records(file, UNIT)] == ["a"]
    with open_table(file, UNIT) as table:
        assert table.notices == ("the sheet 'units' is read; 'more' is not",)


def test_workbook_without_a_sheet_that_fits_says_what_lacks(book):
    with pytest.raises(TableUnreadable, match="lacks the columns name_vi"):
        read_rows(book(a=[["id", "parent"], ["a", ""]], hidden=""), UNIT)


def test_formula_gives_its_last_result(book, tmp_path):
    file = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ["a", ""])
        sheet.write_formula(1, 2, '="Phường "&"A"', value="Phường A")
        sheet.write_row(2, 0, ["b", ""])
        sheet.write_formula(2, 2, "=1/0", value="#DIV/0!")
    good, bad = read_rows(file, UNIT)
    assert good.record.name_vi == "Phường A"
    assert codes(bad) == [("name_vi", "missing")]  # an error is no result


def test_merged_cells_are_refused_where_they_hide_a_value(tmp_path):
    file = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet()
        sheet.merge_range(0, 0, 0, 3, "DANH SÁCH ĐƠN VỊ")
        sheet.write_row(1, 0, HEAD)
        sheet.write_row(2, 0, ["a", "", "A"])
        sheet.write_row(3, 0, ["b"])
        sheet.merge_range(2, 1, 3, 1, "a-parent")
        sheet.write_string(3, 2, "B")
    first, second = read_rows(file, UNIT)
    assert first.record.parent == "a-parent"
    assert codes(second) == [("parent", "merged")]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_damaged_workbook_says_what_to_do(tmp_path, content):
    file = tmp_path / "units.xlsx"
    file.write_bytes(content)
    with pytest.raises(TableUnreadable, match="is damaged and cannot be read; save it anew"):
        read_rows(file, UNIT)


def test_workbook_above_the_limit_is_asked_for_as_csv(tmp_path):
    file = tmp_path / "units.xlsx"
    with file.open("wb") as empty:
        empty.truncate(spreadsheets.LARGEST_BYTES + 1)  # takes no room on disk
    with pytest.raises(TableTooLarge, match=r"larger than the 100 MB .* save it as CSV UTF-8"):
        read_rows(file, UNIT)


def test_workbook_that_unpacks_to_far_more_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "LARGEST_UNPACKED_BYTES", 1_000_000)
    file = tmp_path / "units.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 1_000_001)
    with pytest.raises(TableTooLarge):
        read_rows(file, UNIT)


MANIFEST = """<?xml version="1.0"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="units">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def test_ods_is_read(tmp_path):
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    day = '<table:table-cell office:value-type="date" office:date-value="2025-07-01"/>'
    head = "".join(cell.format(name) for name in HEAD)
    row = "".join(cell.format(text) for text in ("a", "", "Phường A")) + day
    rows = "".join(f"<table:table-row>{cells}</table:table-row>" for cells in (head, row))
    file = tmp_path / "units.ods"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", MANIFEST)
        packed.writestr("content.xml", ODS.format(rows=rows))
    (unit,) = read_records(file, UNIT)
    assert (unit.id, unit.name_vi, unit.valid_from) == ("a", "Phường A", DAY)
