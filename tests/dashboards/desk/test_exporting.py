"""What a desk page shows as a file: the same rows, columns, order and digits."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contract.texts import Language
from dashboards.desk.exporting import as_csv, as_number, as_xlsx
from dashboards.look.texts import speaking
from tests.dashboards import judged
from tests.dashboards.examples import example, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi

ROWS = ".ag-center-cols-container .ag-row"


def cell(text: str, note: str = "", *, figure: bool = False) -> dict[str, object]:
    return {"text": text, "note": note, "figure": figure}


SHOWN = {
    "page": "rankings",
    "title": "Xếp hạng",
    "address": "http://here/rankings?kpi=x",
    "at": "2026-11-02 09:30",
    "tables": [
        {
            "name": "",
            "heads": ["Đơn vị", "Hài lòng"],
            "rows": [
                [cell("=cmd|' /C calc'!A0"), cell("93,1 %", "92,1–94,1", figure=True)],
                [cell("-3,5"), cell("chưa đủ số liệu")],
            ],
        }
    ],
}


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        (Language.VI, "93,1\N{NO-BREAK SPACE}%", (0.931, "#,##0.0%")),
        (Language.VI, "1.234", (1234.0, "#,##0")),
        (Language.VI, "-1.234,50", (-1234.5, "#,##0.00")),
        (Language.VI, "−1.234,50", (-1234.5, "#,##0.00")),
        (Language.EN, "1.724", (1724.0, "#,##0")),
        (Language.VI, "12 phút", None),
        (Language.VI, "1.001193", None),
        (Language.VI, "", None),
    ],
)
def test_a_figure_is_the_number_that_it_says(language, text, found):
    with speaking(language):
        assert as_number(text) == found


def test_csv_has_the_texts_of_the_screen_and_nothing_that_a_spreadsheet_calculates():
    rows = list(csv.reader(io.StringIO(as_csv(SHOWN).decode("utf-8-sig"))))
    assert rows == [
        ["Đơn vị", "Hài lòng", "Hài lòng · ghi chú"],
        ["'=cmd|' /C calc'!A0", "93,1 %", "92,1–94,1"],
        ["-3,5", "chưa đủ số liệu", ""],
    ]


def test_a_workbook_has_figures_as_numbers_texts_as_texts_and_says_what_was_shown():
    book = zipfile.ZipFile(io.BytesIO(as_xlsx(SHOWN)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<v>(0\.931)</v>", sheet) == ["0.931"]
    assert "<f>" not in sheet
    assert "http://here/rankings?kpi=x" in book.read("xl/sharedStrings.xml").decode()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["rankings", "indicators", "dossiers"])
def test_a_page_is_kept_as_it_stands_after_its_search_and_order(
    page: Page, dashboards: Served, api: StandInApi, path: str
) -> None:
    units = [
        example("dung", "Xã Dũng", ratings=120, waiting=0),
        example("dong-anh", "Xã Đông Anh", ratings=812, waiting=2),
        example("an-thi", "Xã Ân Thi", ratings=300, waiting=3),
    ]
    api.publish(situation(tuple(units)))
    api.catalogue, api.told = CATALOGUE, judged.answers("dung")
    api.become(judged.EVERYTHING, dashboards)
    page.goto(f"{dashboards.url}/{path}")
    expect(page.locator(ROWS)).to_have_count(3, timeout=20_000)
    page.locator('.ag-header-cell[col-id="unit"] .ag-header-cell-text').click()
    expect(page.locator('.ag-header-cell[col-id="unit"]')).to_have_attribute(
        "aria-sort", "ascending"
    )
    shown = page.evaluate("""() => [...document.querySelectorAll(".ag-row")].reduce((all, row) => {
      const found = all[row.rowIndex || row.getAttribute("row-index")] ||= {};
      for (const each of row.querySelectorAll(".ag-cell")) {
        found[each.getAttribute("col-id")] = each.querySelector(".text")?.textContent || "";
      }
      return all;
    }, {})""")
    with page.expect_download(timeout=20_000) as downloading:
        page.locator(".export button").first.click()
    written = Path(downloading.value.path()).read_bytes().decode("utf-8-sig")
    whole = next(part for part in written.split("\r\n\r\n") if "\r\nXã Đông Anh," in part)
    _, *rows = list(csv.reader(io.StringIO(whole)))
    for place, row in enumerate(rows):
        texts = [text for text in shown[str(place)].values() if text]
        assert row[0] == shown[str(place)]["unit"]
        assert [text for text in texts if text not in row] == []
    assert [row[0] for row in rows] == ["Xã Ân Thi", "Xã Đông Anh", "Xã Dũng"]


@pytest.mark.browser
def test_the_books_of_offices_are_in_sight_and_have_a_search(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    units = (example("dung", "Xã Dũng"), example("dong-anh", "Xã Đông Anh"))
    api.publish(situation(units))
    api.catalogue, api.told = CATALOGUE, judged.answers("dung")
    api.become(judged.EVERYTHING, dashboards)
    page.goto(f"{dashboards.url}/offices?table=counters")
    expect(page.locator(".ag-center-cols-container .ag-row").first).to_be_visible(timeout=20_000)
    search = page.locator("#offices-find").bounding_box()
    assert search is not None
    assert search["width"] > 150
