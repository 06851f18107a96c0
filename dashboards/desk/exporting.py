"""Keeps what a desk page shows as a file: its rows, columns, order and digits, as CSV or XLSX.

The browser says what stands on the screen, after its filters and sorting; here it is written.
"""

from __future__ import annotations

import csv
import io
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter
from dash import MATCH, ClientsideFunction, Dash, Input, Output, no_update

from dashboards.look.texts import tell

MOST_CELLS = 400_000
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")
_FIGURE = re.compile(r"([-−]?\d{1,3}(?:\.\d{3})*|[-−]?\d+)(?:,(\d+))?(\s?%)?")
"""1.234,5, as screens write figures in any language."""
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST_SHEET_NAME = 31


def add_exports(app: Dash) -> None:
    """Add the callbacks of the buttons that stand in the head of a page."""

    def part(name: str) -> dict[str, Any]:
        return {"export": name, "page": MATCH}

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("motcua", "shown"),
        Output(part("shown"), "data"),
        Input(part("csv"), "n_clicks"),
        Input(part("xlsx"), "n_clicks"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(part("file"), "data"), Input(part("shown"), "data"), prevent_initial_call=True
    )(_send)


def _send(shown: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - Dash's own type
    if not shown or not shown.get("tables"):
        return no_update
    name = _NOT_IN_NAMES.sub("-", f"motcua-{shown['page']}-{shown['at']}").strip("-")
    ending, written = ("csv", as_csv) if shown["format"] == "csv" else ("xlsx", as_xlsx)
    content = b64encode(written(shown)).decode()
    return {"filename": f"{name}.{ending}", "content": content, "base64": True}


def as_csv(shown: Mapping[str, Any]) -> bytes:
    """Return the tables one below the other, an empty line between, in UTF-8 with a byte mark."""
    file = io.StringIO()
    written = csv.writer(file, lineterminator="\r\n")
    for number, table in enumerate(_tables(shown)):
        if number:
            written.writerow(())
        written.writerow(_safe(head) for head in _heads(table))
        for row in table["rows"]:
            written.writerow(_safe(cell) for cell in _cells(row, table))
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(shown: Mapping[str, Any]) -> bytes:
    """Return a workbook with a sheet a table, and one that says what was shown, and when.

    A figure of a grid is a number, with as many decimals as the screen has.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats: dict[str, Any] = {}
        for number, table in enumerate(_tables(shown), start=1):
            name = re.sub(r"[\[\]:*?/\\']", " ", table["name"] or str(number))
            sheet = book.add_worksheet(f"{number} {name}"[:_LONGEST_SHEET_NAME].strip())
            sheet.write_row(0, 0, _heads(table), bold)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, 0, 36)
            for line, row in enumerate(table["rows"], start=1):
                for place, cell in enumerate(_cells(row, table)):
                    found = None if isinstance(cell, str) else as_number(cell["text"])
                    if found is None:
                        sheet.write_string(line, place, _text(cell))
                        continue
                    value, how = found
                    if how not in formats:
                        formats[how] = book.add_format({"num_format": how})
                    sheet.write_number(line, place, value, formats[how])
        source = book.add_worksheet(tell("export.source"))
        source.write_column(0, 0, (tell("export.page"), tell("export.address"), tell("export.at")))
        for line, told in enumerate(("title", "address", "at")):
            source.write_string(line, 1, str(shown[told]))
    return file.getvalue()


def as_number(text: str) -> tuple[float, str] | None:
    """Return the number that a figure says on the screen, and how it is written so."""
    found = _FIGURE.fullmatch(text.strip())
    if found is None:
        return None
    whole, decimals, percent = found.groups()
    digits = decimals or ""
    value = float(re.sub(r"[.,]", "", whole).replace("−", "-") + (f".{digits}" if digits else ""))
    how = "#,##0" + (f".{'0' * len(digits)}" if digits else "")
    return (round(value / 100, len(digits) + 2), f"{how}%") if percent else (value, how)


def _tables(shown: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    left = MOST_CELLS
    for table in shown["tables"]:
        left -= len(table["rows"]) * max(1, len(table["heads"]))
        if left < 0:
            return
        yield {**table, "noted": _noted(table)}


def _noted(table: Mapping[str, Any]) -> Sequence[bool]:
    """Return of each column whether any of its cells has a note beside its figure."""
    return [
        any(place < len(row) and row[place]["note"] for row in table["rows"])
        for place in range(len(table["heads"]))
    ]


def _heads(table: Mapping[str, Any]) -> list[str]:
    heads: list[str] = []
    for head, noted in zip(table["heads"], table["noted"], strict=True):
        heads.append(head)
        if noted:
            heads.append(tell("export.note", head=head))
    return heads


def _cells(row: Sequence[Mapping[str, Any]], table: Mapping[str, Any]) -> list[Any]:
    """Return the cells of a row: a figure as it came, everything else as its text."""
    cells: list[Any] = []
    for cell, noted in zip(row, table["noted"], strict=False):
        cells.append(cell if cell.get("figure") else cell["text"])
        if noted:
            cells.append(cell["note"])
    return cells


def _text(cell: Any) -> str:  # noqa: ANN401 - a text, or a cell with one
    return cell if isinstance(cell, str) else str(cell["text"])


def _safe(cell: Any) -> str:  # noqa: ANN401 - a text, or a cell with one
    """Return the text so that no spreadsheet calculates it; a negative figure stays one."""
    text = _text(cell)
    calculated = text.startswith(_CALCULATED) and as_number(text) is None
    return f"'{text}" if calculated else text
