"""Documents as files: one writer a format, the same bytes for the same document."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from runtime.identity import Identity
from server.reports.document import Document, Format
from server.reports.writers.delimited import write_csv
from server.reports.writers.exact import write_json
from server.reports.writers.printed import write_pdf
from server.reports.writers.spreadsheets import write_xlsx

MEDIA_TYPES: Mapping[Format, str] = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
}

_WRITERS: Mapping[Format, Callable[[Document, Identity], bytes]] = {
    Format.XLSX: write_xlsx,
    Format.PDF: write_pdf,
    # Data for other programs bear no letterhead.
    Format.CSV: lambda document, _: write_csv(document),
    Format.JSON: lambda document, _: write_json(document),
}


def write(document: Document, written: Format, identity: Identity | None = None) -> bytes:
    """Return the bytes of the document's file, issued by the province of `identity`."""
    return _WRITERS[written](document, identity or Identity())
