"""Writes the empty workbook that an office fills in: one example, and what each column means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from contract.texts import Language, texts
from server.errors import FileNotWritten
from server.tabular.records import Record
from server.tabular.refusals import TABULAR

_WIDTH = 24


def write_template(path: Path, record: Record[Any]) -> None:
    """Write an XLSX with the columns of `record`; raise FileNotWritten.

    The first sheet has headers, a comment with the explanation at each, and the example; the second
    the explanations in both languages. Every cell is text, so that codes keep their zeros.
    """
    labels = texts(TABULAR, Language.VI)
    try:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet(labels["template.records"])
            _write_records(book, sheet, record)
            _write_explanations(book, book.add_worksheet(labels["template.explanations"]), record)
    except (FileCreateError, OSError) as error:
        raise FileNotWritten(
            f"{path} cannot be written: {error}; close it where it is open, or name another file"
        ) from error


def _write_records(book: xlsxwriter.Workbook, sheet: Worksheet, record: Record[Any]) -> None:
    head, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    required = book.add_format({"bold": True, "font_color": "#b00020"})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(record.columns):
        sheet.set_column(place, place, _WIDTH, plain)
        title = record.header(column, Language.VI)
        sheet.write_string(0, place, title, required if column.required else head)
        sheet.write_comment(0, place, record.explanation(column, Language.VI))
        sheet.write_string(1, place, column.example, plain)


def _write_explanations(book: xlsxwriter.Workbook, sheet: Worksheet, record: Record[Any]) -> None:
    labels = texts(TABULAR, Language.VI)
    titles = ("column", "name", "required", "example", "explanation_vi", "explanation_en")
    bold = book.add_format({"bold": True})
    for place, title in enumerate(titles):
        sheet.write_string(0, place, labels[f"template.{title}"], bold)
        sheet.set_column(place, place, _WIDTH if place < 4 else 3 * _WIDTH)
    for number, column in enumerate(record.columns, start=1):
        row = (
            record.header(column, Language.VI),
            column.name,
            labels["template.yes"] if column.required else "",
            column.example,
            record.explanation(column, Language.VI),
            record.explanation(column, Language.EN),
        )
        for place, text in enumerate(row):
            sheet.write_string(number, place, text)
