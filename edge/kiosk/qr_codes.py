"""Draws QR codes (ISO/IEC 18004) for the kiosk's page."""

from __future__ import annotations

QUIET_MODULES = 4
"""The margin that the standard asks for."""


def qr_svg(text: str) -> str:
    """Return an SVG picture of `text` of no size of its own; a seventh of it may be unreadable."""
    import segno  # only where a page for telephones is configured

    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET_MODULES, light="#ffffff", omitsize=True
    )
    # Drawn for the inside of a page; a picture of its own has to name its namespace.
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
