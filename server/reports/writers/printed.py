"""Documents as PDF/A-2b on A4 by Typst; its wheel brings fonts that hold Vietnamese."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from importlib import resources
from typing import Any, Literal

import typst

from contract.local_time import LOCAL_TIME
from contract.texts import Language, texts
from runtime.identity import Identity
from server.reports.document import CellKind, Document, Row, Table
from server.reports.figures import write_cell
from server.reports.stamps import qr_svg, stamp_of
from server.reports.writers.drawings import draw_funnel, draw_ranks

STANDARD: Literal["a-2b"] = "a-2b"
"""ISO 19005-2, level B: fonts embedded, nothing from outside."""

_WIDEST_UPRIGHT = 136
"""Characters of a table's columns together; wider tables turn the page."""

_LONGEST_WORD = 18
_BOLD_FROM = 10
_BREAK = "\N{ZERO WIDTH SPACE}"
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_LEGAL = re.compile(r"\d+/[\w/-]+")
_JOINER = "\N{WORD JOINER}"
_LEFT = (CellKind.TEXT,)
_MIDDLE = (CellKind.INTERVAL, CellKind.RANKS, CellKind.DATE)


def write_pdf(document: Document, identity: Identity) -> bytes:
    """Return the document as PDF; the same document gives the same bytes."""
    template = resources.files("server.reports.writers").joinpath("report.typ").read_bytes()
    said = json.dumps(
        _told(document) | _issuer(document, identity), ensure_ascii=False, sort_keys=True
    )
    return typst.compile(
        template,
        output=None,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"document": said},
        pdf_standards=[STANDARD],
        pdf_tags=False,
        timestamp=int(document.cut_off.timestamp()),
    )


def _told(document: Document) -> dict[str, Any]:
    """Return what the template prints, every figure written as people read it."""
    said, stamp = texts("server.reports", document.language), stamp_of(document)
    at = document.cut_off.astimezone(LOCAL_TIME)
    return {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "draft": said["stamp.draft"] if document.draft else "",
        "made": [at.year, at.month, at.day],
        "head": dict(said.below("head")),
        "sections": dict(said.below("section")),
        "stamp": [[line.name, line.value] for line in stamp.lines],
        "mark": stamp.mark,
        "digest": stamp.digest,
        "verify": stamp.verify,
        "qr": qr_svg(stamp),
        "notes": list(document.notes),
        "tables": [_table(table, document) for table in document.tables],
        "drawings": [
            asdict(drawing)
            for drawing in (
                *map(draw_ranks, document.rank_charts),
                *(draw_funnel(each, document.language) for each in document.funnels),
            )
        ],
        "definitions": [[each.name, each.text, each.version] for each in document.definitions],
        "definition_head": [said[f"column.{name}"] for name in ("name", "definition", "version")],
        "signatures": list(document.signatures),
        "how": said["signature.how"],
        "stamped": stamp.digest[:16],
    }


def _issuer(document: Document, identity: Identity) -> dict[str, Any]:
    """Return the letterhead: name, colour of its rule, and the emblem's bytes as numbers."""
    emblem = identity.emblem
    return {
        "issuer": identity.named(english=document.language is Language.EN),
        "accent": identity.accent,
        "emblem": [] if emblem is None else list(emblem.read_bytes()),
        "emblem_format": "" if emblem is None else emblem.suffix.lower().lstrip("."),
    }


def _table(table: Table, document: Document) -> dict[str, Any]:
    widths = [max(column.width, _room(_longest_word(column.title))) for column in table.columns]
    return {
        # Numbers of legal documents, as 766/QĐ-TTg, stay on one line.
        "title": _LEGAL.sub(_in_one_piece, table.title),
        "wide": sum(widths) > _WIDEST_UPRIGHT,
        "widths": widths,
        "aligns": [_align(column.kind) for column in table.columns],
        "head": [_breakable(column.title) for column in table.columns],
        "rows": [_row(row, table, document) for row in table.rows],
        "strong": [index for index, row in enumerate(table.rows) if row.strong],
        "notes": list(table.notes),
        "empty": table.empty,
    }


def _in_one_piece(found: re.Match[str]) -> str:
    return re.sub(r"[/-]", rf"\g<0>{_JOINER}", found[0])


def _row(row: Row, table: Table, document: Document) -> list[str]:
    return [
        _breakable(write_cell(cell, column.kind, document.language))
        for cell, column in zip(row.cells, table.columns, strict=True)
    ]


def _room(letters: int) -> int:
    """Return how wide a column is for a bold word: a long one needs more than its letters."""
    return letters + (2 if letters > _BOLD_FROM else 1)


def _longest_word(text: str) -> int:
    """Return how many letters of a heading cannot be broken over lines."""
    return max((min(len(word), _LONGEST_WORD) for word in text.split()), default=0)


def _align(kind: CellKind) -> str:
    if kind in _LEFT:
        return "left"
    return "center" if kind in _MIDDLE else "right"


def _breakable(text: str) -> str:
    """Return the text with places at which words that no column holds may be broken."""

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        return _BREAK.join(
            word[start : start + _LONGEST_WORD] for start in range(0, len(word), _LONGEST_WORD)
        )

    return _LONG_WORD.sub(broken, text) if len(text) > _LONGEST_WORD else text
