"""One document in four formats: typed, stamped, safe to open, and the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from contract.texts import Language
from server.reports.canonical import canonical, digest_of, row_digests
from server.reports.document import CellKind, Format, Interval, Missing
from server.reports.figures import write_cell
from server.reports.stamps import PREFIX, stamp_of
from server.reports.verification import borne_digest
from server.reports.writers import write
from tests.server.reports.given import charts, document, row, table

FORMULAS = ('=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "\t=1")


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def pages(content: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]


@pytest.mark.parametrize("written", Format)
def test_the_same_document_is_the_same_file_and_bears_the_digest_of_its_content(written):
    ranks, funnel = charts(["a", "b"])
    made = document(rank_charts=(ranks,), funnels=(funnel,))
    content = write(made, written)
    assert content == write(made, written)
    assert borne_digest(content) == digest_of(made)
    other = write(document(table(row(1, "Phường Đình Bảng", 0.8513))), written)
    assert borne_digest(other) != digest_of(made)


def test_digest_is_that_of_the_content_as_json_has_it():
    made = document()
    said = json.loads(write(made, Format.JSON))
    again = json.dumps(
        said["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    assert again == canonical(made)
    assert said["stamp"]["mark"] == PREFIX + digest_of(made)


def test_rows_have_digests_of_their_own():
    first, second = row(1, "a"), row(2, "b")
    changed = replace(second, cells=row(2, "c").cells)
    before = row_digests(document(table(first, second)))["units"]["rows"]
    after = row_digests(document(table(first, changed)))["units"]["rows"]
    assert before.keys() == after.keys()
    assert sum(before[key] != after[key] for key in before) == 1


def test_spreadsheet_has_numbers_as_numbers_and_what_is_missing_is_empty():
    found = sheets(write(document(), Format.XLSX))
    assert list(found) == ["Báo cáo", "Xếp hạng Phường", "Định nghĩa"]
    title, _, head, first, second, *_ = found["Xếp hạng Phường"]
    assert title[0] == "Xếp hạng: Phường"
    assert head[:5] == [
        "TT",
        "Đơn vị",
        "Tỷ lệ hài lòng",
        "Khoảng tin cậy: từ",
        "Khoảng tin cậy: đến",
    ]
    assert first[:6] == [1, "Phường Đình Bảng", 0.8512, 0.8312, 0.8712, 1455]
    assert first[6:] == [92.8, 1, 4, 12.5]
    assert second[2:6] == ["", "", "", 12]


def test_spreadsheet_is_frozen_filtered_and_says_n_and_interval_in_notes():
    with zipfile.ZipFile(io.BytesIO(write(document(), Format.XLSX))) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
        names = book.namelist()
        notes = "".join(book.read(name).decode() for name in names if "comments" in name)
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    assert "n = 1.455" in notes
    assert "83,12–87,12" in notes
    assert "chưa đủ mẫu" in notes
    assert any(name.startswith("xl/charts/") for name in names)
    assert any(name.startswith("xl/media/") for name in names)


def test_no_text_is_a_formula_in_a_spreadsheet():
    evil = table(*(row(number, text) for number, text in enumerate(FORMULAS, 1)))
    texts = [line[1] for line in sheets(write(document(evil), Format.XLSX))["Xếp hạng Phường"][3:]]
    assert [text.strip() for text in texts[: len(FORMULAS)]] == [text.strip() for text in FORMULAS]
    content = write(document(evil), Format.CSV).decode("utf-8-sig")
    cells = {cell for line in csv.reader(io.StringIO(content)) for cell in line}
    assert {"'" + text for text in FORMULAS} <= cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]


def test_csv_has_plain_figures_and_the_stamp():
    content = write(document(), Format.CSV)
    assert content.startswith("\ufeff".encode())
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    first = [
        "1",
        "Phường Đình Bảng",
        "0.8512",
        "0.8312",
        "0.8712",
        "1455",
        "92.80",
        "1",
        "4",
        "12.5",
    ]
    assert first in lines
    assert [stamp_of(document()).mark] in lines


def test_print_is_pdf_a_with_its_fonts_and_says_it_in_vietnamese():
    ranks, funnel = charts(["Phường Đình Bảng", "Xã Ngũ Thái"])
    content = write(document(rank_charts=(ranks,), funnels=(funnel,)), Format.PDF)
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in content
    assert len(re.findall(rb"/FontFile3", content)) >= len(set(re.findall(rb"/FontName/", content)))
    said = "\n".join(pages(content))
    for text in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BÁO CÁO XẾP HẠNG", "Phường Đình Bảng", "85,12",
        "1.455", "chưa đủ mẫu", "kỳ chưa chốt", "Biểu đồ phễu", "THỦ TRƯỞNG ĐƠN VỊ", "Trang 1 trên",
    ):  # fmt: skip
        assert text in said, text


def test_draft_says_so_on_every_page():
    many = table(*(row(number, f"Phường {number}") for number in range(1, 120)))
    printed = pages(write(document(many, draft=True), Format.PDF))
    assert len(printed) > 2
    assert all("Dự thảo" in page for page in printed)
    assert "Dự thảo" not in "".join(pages(write(document(many), Format.PDF)))


def test_english_document_writes_english_numbers():
    made = document(language=Language.EN)
    assert "85.12" in "".join(pages(write(made, Format.PDF)))
    assert "1,455" in "".join(pages(write(made, Format.PDF)))


def test_names_of_300_letters_without_a_space_stay_on_the_page():
    name = "Ằ" * 300
    ranks, funnel = charts([name, "b"])
    made = document(table(row(1, name)), rank_charts=(ranks,), funnels=(funnel,))
    pdf = pypdfium2.PdfDocument(write(made, Format.PDF))
    for page in pdf:
        text = page.get_textpage()
        width, _ = page.get_size()
        boxes = [text.get_charbox(index) for index in range(text.count_chars())]
        assert max(right for _, _, right, _ in boxes) < width
    assert sheets(write(made, Format.XLSX))["Xếp hạng Phường"][3][1] == name


def test_table_without_rows_says_so_in_every_format():
    empty = document(table())
    for written in (Format.PDF, Format.CSV, Format.XLSX):
        content = write(empty, written)
        if written is Format.PDF:
            said = "".join(pages(content))
        elif written is Format.CSV:
            said = content.decode()
        else:
            said = str(sheets(content))
        assert "Không có dữ liệu." in said


def test_sheets_of_alike_names_are_told_apart():
    title = "Xếp hạng: Phường, xã, thị trấn và đặc khu của tỉnh"
    made = document(*(table(row(1, "a"), id_=f"t{index}", title=title) for index in range(12)))
    names = list(sheets(write(made, Format.XLSX)))
    assert len({name.lower() for name in names}) == len(names) == 14


@pytest.mark.parametrize(
    ("cell", "kind", "vi", "en"),
    [
        (0.98765, CellKind.SHARE, "98,77\u00a0%", "98.77\u00a0%"),
        (1234567, CellKind.COUNT, "1.234.567", "1,234,567"),
        (-3.25, CellKind.NUMBER, "−3,25", "−3.25"),
        (
            Interval(low=0.7, high=0.815),
            CellKind.INTERVAL,
            "70,00–81,50\u00a0%",
            "70.00–81.50\u00a0%",
        ),
        (Interval(low=5, high=31), CellKind.RANKS, "5–31", "5–31"),
        (
            Interval(low=7.44, high=8.6, kind=CellKind.MINUTES),
            CellKind.INTERVAL,
            "7,4–8,6",
            "7.4–8.6",
        ),
        (
            Interval(low=-3.7, high=0.31, kind=CellKind.NUMBER),
            CellKind.INTERVAL,
            "−3,70 … 0,31",
            "−3.70 … 0.31",
        ),
        (Missing(reason="?"), CellKind.SHARE, "?", "?"),
        (None, CellKind.COUNT, "–", "–"),
    ],
)
def test_cells_are_written_as_the_language_does(cell, kind, vi, en):
    assert write_cell(cell, kind, Language.VI) == vi
    assert write_cell(cell, kind, Language.EN) == en


@pytest.mark.parametrize("written", Format)
def test_five_thousand_units_are_one_report(written):
    whole = table(*(row(number, f"Đơn vị {number}") for number in range(1, 5_001)))
    column = replace(whole.columns[1], width=20)
    rows = tuple(replace(each, cells=each.cells[1:2]) for each in whole.rows)
    content = write(document(replace(whole, columns=(column,), rows=rows)), written)
    last = "Đơn vị 5000"
    match written:
        case Format.PDF:
            said = pages(content)
            assert len(said) > 50
            assert any(last in page for page in said)
        case Format.XLSX:
            found = (line for lines in sheets(content).values() for line in lines)
            assert any(last in line for line in found)
        case _:
            assert last in content.decode()
