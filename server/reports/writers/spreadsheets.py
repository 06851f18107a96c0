"""Documents as XLSX: real types, frozen headers, filters, notes in cells, a chart, definitions."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from contract.texts import Language, Texts, texts
from runtime.identity import Identity
from server.reports.document import (
    Cell,
    CellKind,
    Column,
    Document,
    Figure,
    Interval,
    Missing,
    Row,
    Table,
)
from server.reports.figures import write_cell
from server.reports.stamps import Stamp, qr_png, stamp_of

MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""In the file's properties: the same content has to give the same bytes."""

_FORMATS: Mapping[CellKind, str] = {
    CellKind.COUNT: "#,##0",
    CellKind.SHARE: "0.00%",
    CellKind.NUMBER: "#,##0.00",
    CellKind.POINTS: "#,##0.00",
    CellKind.MINUTES: "#,##0.0",
    CellKind.DAYS: "#,##0.0",
    CellKind.DATE: "dd/mm/yyyy",
    CellKind.RANKS: "0",
    CellKind.INTERVAL: "0.00%",
}
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_SHEET_NAME = 31
_LONGEST = 32_000
"""A cell holds 32,767 characters."""
_WIDEST = 60
_CHART_ROWS = 150
"""More bars in one chart cannot be told apart."""

_HIDDEN = 20
"""The column from which on the cover holds what its chart is drawn from."""
_COVER_WIDTH = 66
_LINE_PT = 15.0
_TALLEST_PT = 400.0
"""A row is at most 409 points high."""

_TITLE_PT, _SUBTITLE_PT = 24, 18
_WITH_ENDS = (CellKind.INTERVAL, CellKind.RANKS)


def write_xlsx(document: Document, identity: Identity) -> bytes:
    """Return the document as XLSX: a sheet of its stamp and chart, one a table, definitions."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    stamp = stamp_of(document)
    book.set_properties(
        {
            "title": document.title,
            "subject": document.subtitle,
            "keywords": stamp.mark,
            "company": identity.named(english=document.language is Language.EN),
            "created": MADE_AT.replace(tzinfo=None),
        }
    )
    book.set_size(2400, 1600)
    _Writer(book, document, stamp, identity).write()
    book.close()
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A sheet's table, for the chart that is drawn from it."""

    name: str
    table: Table
    places: tuple[int, ...]
    first_row: int


class _Writer:
    """Writes one document into one workbook."""

    def __init__(
        self, book: xlsxwriter.Workbook, document: Document, stamp: Stamp, identity: Identity
    ) -> None:
        self._book, self._document, self._stamp = book, document, stamp
        self._issuer = identity.named(english=document.language is Language.EN)
        self._said: Texts = texts("server.reports", document.language)
        self._names: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> None:
        cover = self._sheet(self._said["sheet.report"])
        placed = [self._table(table) for table in self._document.tables]
        if self._document.definitions:
            self._definitions()
        row = self._cover(cover)
        if placed:
            self._chart(cover, row, placed)

    def _sheet(self, title: str) -> Worksheet:
        name = (" ".join(title.translate(_FORBIDDEN).split()) or "-")[:_SHEET_NAME].strip()
        number = 2
        base = name
        while name.lower() in self._names:
            end = f" ({number})"
            name = base[: _SHEET_NAME - len(end)] + end
            number += 1
        self._names.add(name.lower())
        sheet = self._book.add_worksheet(name)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{self._issuer.replace('&', '&&')}")
        sheet.set_footer(f"&L{self._stamp.digest[:16]}&R&P / &N")
        return sheet

    def _format(self, **how: Any) -> Any:  # noqa: ANN401 - as xlsxwriter has them
        key = tuple(sorted(how.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"valign": "top", **how})
        return self._formats[key]

    def _cover(self, sheet: Worksheet) -> int:
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, _COVER_WIDTH)
        sheet.write_string(0, 0, self._document.title, self._format(bold=True, font_size=16))
        sheet.write_string(1, 0, self._document.subtitle, self._format(font_size=12))
        sheet.set_row(0, _TITLE_PT)
        sheet.set_row(1, _SUBTITLE_PT)
        row = 2
        if self._document.draft:
            warning = self._format(bold=True, font_color="#b42318")
            sheet.write_string(row, 0, self._said["stamp.draft"], warning)
            row += 1
        row += 1
        wrapped = self._format(text_wrap=True)
        for line in self._stamp.lines:
            sheet.write_string(row, 0, line.name, self._format(bold=True))
            sheet.write_string(row, 1, line.value, wrapped)
            _heighten(sheet, row, (line.value, _COVER_WIDTH))
            row += 1
        for text in (self._stamp.mark, self._stamp.verify):
            sheet.write_string(row, 1, text, wrapped)
            _heighten(sheet, row, (text, _COVER_WIDTH))
            row += 1
        image = {"image_data": io.BytesIO(qr_png(self._stamp)), "x_offset": 8, "y_offset": 4}
        sheet.insert_image(0, 2, "qr.png", image | {"description": self._stamp.mark})
        for note in self._document.notes:
            sheet.write_string(row, 1, note, wrapped)
            _heighten(sheet, row, (note, _COVER_WIDTH))
            row += 1
        return row + 1

    def _table(self, table: Table) -> _Placed:
        sheet = self._sheet(table.title)
        places = tuple(_places(table))
        end = places[-1] + _span(table.columns[-1]) - 1
        sheet.write_string(0, 0, table.title, self._format(bold=True, font_size=13))
        head = self._format(bold=True, text_wrap=True, bottom=1, bg_color="#e8eef4", align="center")
        for column, place in zip(table.columns, places, strict=True):
            for offset, title in enumerate(self._titles(column)):
                sheet.write_string(2, place + offset, title, head)
            width = _width(column)
            sheet.set_column(place, place + _span(column) - 1, width)
        titles = (
            (title, _width(column)) for column in table.columns for title in self._titles(column)
        )
        _heighten(sheet, 2, *titles)
        sheet.freeze_panes(3, 2)
        sheet.repeat_rows(2)
        if end > 6:
            sheet.set_landscape()
        for offset, row in enumerate(table.rows, 3):
            self._row(sheet, offset, row, table, places)
        last = 2 + len(table.rows)
        if table.rows:
            sheet.autofilter(2, 0, last, end)
        below = table.notes if table.rows else (table.empty, *table.notes)
        # Over all columns, not beyond them: a sheet is printed as wide as its longest line.
        across = sum(_width(column) * _span(column) for column in table.columns)
        for offset, note in enumerate(below, last + 2):
            sheet.merge_range(
                offset, 0, offset, end, note, self._format(italic=True, text_wrap=True)
            )
            _heighten(sheet, offset, (note, across))
        return _Placed(name=sheet.get_name(), table=table, places=places, first_row=3)

    def _titles(self, column: Column) -> list[str]:
        if column.kind not in _WITH_ENDS:
            return [column.title]
        return [f"{column.title}: {self._said[f'column.{end}']}" for end in ("low", "high")]

    def _row(
        self, sheet: Worksheet, at: int, row: Row, table: Table, places: tuple[int, ...]
    ) -> None:
        texts_of: list[tuple[str, int]] = []
        for cell, column, place in zip(row.cells, table.columns, places, strict=True):
            self._cell(sheet, at, place, cell, column.kind, strong=row.strong)
            if isinstance(cell, str):
                texts_of.append((cell, _width(column)))
            note = self._note(cell, column, row, table)
            if note:
                sheet.write_comment(at, place, note, {"x_scale": 1.6, "y_scale": 0.6})
        _heighten(sheet, at, *texts_of)

    def _cell(
        self, sheet: Worksheet, at: int, place: int, cell: Cell, kind: CellKind, *, strong: bool
    ) -> None:
        bold = {"bold": True} if strong else {}
        match cell:
            case None | Missing():
                sheet.write_blank(at, place, None, self._format(**bold))
            case str():
                # Beside a number, which stands at the right of its own column.
                how = self._format(text_wrap=True, indent=1, **bold)
                sheet.write_string(at, place, cell[:_LONGEST], how)
            case Figure(kind=own, value=value):
                self._cell(sheet, at, place, value, own, strong=strong)
            case Interval(low=low, high=high, kind=of):
                how = self._format(num_format=_FORMATS[of or kind], **bold)
                sheet.write_number(at, place, low, how)
                sheet.write_number(at, place + 1, high, how)
            case int() | float() | Decimal():
                how = self._format(num_format=_FORMATS[kind], **bold)
                sheet.write_number(at, place, float(cell), how)
            case _:
                sheet.write_datetime(at, place, cell, self._format(num_format="dd/mm/yyyy"))

    def _note(self, cell: Cell, column: Column, row: Row, table: Table) -> str:
        """Return what stands beside a figure: how many cases and the interval, or why none."""
        if isinstance(cell, Missing):
            return cell.reason
        if column.n_in is None or cell is None:
            return ""
        language = self._document.language
        parts = []
        n = row.cells[table.index(column.n_in)]
        if n is not None:
            parts.append(f"n = {write_cell(n, CellKind.COUNT, language)}")
        if column.interval_in is not None:
            interval = row.cells[table.index(column.interval_in)]
            if interval is not None:
                shown = write_cell(interval, CellKind.INTERVAL, language)
                title = table.columns[table.index(column.interval_in)].title
                parts.append(f"{title}: {shown}")
        return "; ".join(parts)

    def _definitions(self) -> None:
        sheet = self._sheet(self._said["sheet.definitions"])
        head = self._format(bold=True, bottom=1, bg_color="#e8eef4")
        for place, (name, width) in enumerate((("name", 34), ("definition", 90), ("version", 10))):
            sheet.write_string(0, place, self._said[f"column.{name}"], head)
            sheet.set_column(place, place, width)
        sheet.freeze_panes(1, 0)
        wrapped = self._format(text_wrap=True)
        for row, each in enumerate(self._document.definitions, 1):
            sheet.write_string(row, 0, each.name, self._format(bold=True, text_wrap=True))
            sheet.write_string(row, 1, each.text, wrapped)
            sheet.write_string(row, 2, each.version, wrapped)
            _heighten(sheet, row, (each.name, 34), (each.text, 90))

    def _share_chart(
        self, sheet: Worksheet, at: int, title: str, shares: list[tuple[str, float]]
    ) -> None:
        """Draw shares, which stand among figures of other kinds, from a copy in hidden columns."""
        how = self._format(num_format=_FORMATS[CellKind.SHARE])
        for row, (name, value) in enumerate(shares):
            sheet.write_string(row, _HIDDEN, name)
            sheet.write_number(row, _HIDDEN + 1, value, how)
        sheet.set_column(_HIDDEN, _HIDDEN + 1, None, None, {"hidden": True})
        chart = self._book.add_chart({"type": "bar"})
        name, last = sheet.get_name(), len(shares) - 1
        chart.add_series(
            {
                "categories": [name, 0, _HIDDEN, last, _HIDDEN],
                "values": [name, 0, _HIDDEN + 1, last, _HIDDEN + 1],
                "fill": {"color": "#2f6f8f"},
                "gap": 40,
            }
        )
        chart.show_hidden_data()
        chart.set_title({"name": title, "name_font": {"size": 11}})
        chart.set_legend({"none": True})
        chart.set_x_axis({"min": 0, "max": 1, "num_format": "0%"})
        chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 8}})
        chart.set_size({"width": 720, "height": 160 + 18 * len(shares)})
        sheet.insert_chart(at, 0, chart)

    def _chart(self, sheet: Worksheet, at: int, placed: list[_Placed]) -> None:
        """Draw the first column of figures of the first table that has one."""
        for each in placed:
            place, shares = _charted(each.table), _shares(each.table)
            if place is None and len(shares) > 1:
                self._share_chart(sheet, at, each.table.title, shares)
                return
            if place is None or all(row.strong for row in each.table.rows):
                continue
            # Beside a total at the end nobody's bar could be seen.
            members = sum(not row.strong for row in each.table.rows)
            last = each.first_row + min(members, _CHART_ROWS) - 1
            labels = each.places[_labels(each.table)]
            chart = self._book.add_chart({"type": "bar"})
            column = each.places[place]
            chart.add_series(
                {
                    "name": each.table.columns[place].title,
                    "categories": [each.name, each.first_row, labels, last, labels],
                    "values": [each.name, each.first_row, column, last, column],
                    "fill": {"color": "#2f6f8f"},
                    "gap": 40,
                }
            )
            chart.set_title({"name": each.table.title, "name_font": {"size": 11}})
            chart.set_legend({"none": True})
            # The first row of the table stands on top.
            chart.set_x_axis({"min": 0})
            chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 8}})
            chart.set_size({"width": 720, "height": 160 + 15 * (last - each.first_row + 1)})
            sheet.insert_chart(at, 0, chart)
            return


def _shares(table: Table) -> list[tuple[str, float]]:
    """Return the shares of a table whose figures say their own kind, each with its name."""
    values = [place for place, column in enumerate(table.columns) if column.kind is CellKind.MIXED]
    if not values:
        return []
    found = []
    for row in table.rows:
        cell, name = row.cells[values[0]], row.cells[_labels(table)]
        if isinstance(cell, Figure) and cell.kind is CellKind.SHARE:
            found.append((str(name), float(cell.value)))
    return found


def _width(column: Column) -> int:
    return min(_WIDEST, max(column.width, 7) + 2)


def _heighten(sheet: Worksheet, row: int, *wrapped: tuple[str, int]) -> None:
    """Make a row as high as its texts need in columns of these widths: not every program does."""
    lines = max(
        (
            sum(max(1, math.ceil(len(part) / width)) for part in text.split("\n"))
            for text, width in wrapped
        ),
        default=1,
    )
    if lines > 1:
        sheet.set_row(row, min(_TALLEST_PT, _LINE_PT * lines))


def _places(table: Table) -> list[int]:
    places, place = [], 0
    for column in table.columns:
        places.append(place)
        place += _span(column)
    return places


def _span(column: Column) -> int:
    return 2 if column.kind in _WITH_ENDS else 1


def _charted(table: Table) -> int | None:
    """Return the place of the first column of figures, none where all say their own kind."""
    wanted = [CellKind.SHARE, CellKind.POINTS]
    if all(column.kind is not CellKind.MIXED for column in table.columns):
        wanted += [CellKind.COUNT, CellKind.NUMBER]
    for place, column in enumerate(table.columns):
        if column.kind in wanted and column.id != "number":
            return place
    return None


def _labels(table: Table) -> int:
    for place, column in enumerate(table.columns):
        if column.kind is CellKind.TEXT:
            return place
    return 0
