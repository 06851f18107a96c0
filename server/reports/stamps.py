"""What a report is stamped with: filters, cut-off, versions, closing, digest and QR code. Pure."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import segno

from contract.texts import texts
from server.reports.canonical import digest_of
from server.reports.document import Document, Named
from server.reports.figures import write_instant

PREFIX = "motcua-report:sha256:"
"""Before the digest in the QR code and in every file: what `verify` looks for."""

_STAMPED = re.compile(re.escape(PREFIX) + r"([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The digest of a document's content, and the lines that are printed with it."""

    digest: str
    lines: tuple[Named, ...]
    verify: str

    @property
    def mark(self) -> str:
        """The text of the QR code."""
        return PREFIX + self.digest


def stamp_of(document: Document) -> Stamp:
    """Return the stamp of a document."""
    said, digest = texts("server.reports", document.language), digest_of(document)
    lines = [
        *document.filters,
        Named(name=said["stamp.cut_off"], value=write_instant(document.cut_off)),
        Named(name=said["stamp.edition"], value=document.edition or said["stamp.open"]),
        Named(name=said["stamp.versions"], value=_versions(document)),
        Named(name=said["stamp.digest"], value=digest),
    ]
    return Stamp(digest=digest, lines=tuple(lines), verify=said["stamp.verify"])


def digest_in(text: str) -> str | None:
    """Return the digest that a text bears, the first of them."""
    found = _STAMPED.search(text)
    return None if found is None else found[1]


def qr_svg(stamp: Stamp) -> str:
    """Return the QR code as SVG."""
    out = io.BytesIO()
    _code(stamp).save(out, kind="svg", border=2, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode()


def qr_png(stamp: Stamp) -> bytes:
    """Return the QR code as PNG, three pixels a module."""
    out = io.BytesIO()
    _code(stamp).save(out, kind="png", border=2, scale=3)
    return out.getvalue()


def _code(stamp: Stamp) -> segno.QRCode:
    return segno.make_qr(stamp.mark, error="m")


def _versions(document: Document) -> str:
    return "; ".join(f"{each.name}: {each.value}" for each in document.versions)
