"""The document in which a wall is drawn: three small scripts, and nothing from outside."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path

from fastapi.responses import HTMLResponse

from contract.texts import Language
from dashboards.look import theme
from dashboards.look.texts import for_scripts
from runtime.identity import Identity

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "font-src 'self'; img-src data:; connect-src 'self'; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def wall_document(
    language: Language, identity: Identity, *, root: str, version: str
) -> HTMLResponse:
    """Return the document of every wall in one language; its figures come by the socket."""
    tokens = {
        "root": root,
        "version": version,
        "language": language,
        "title": escape(f"Motcua · {identity.name}"),
        "theme": theme.css_variables(identity),
        "texts": json.dumps(dict(for_scripts(language)), ensure_ascii=False).replace("</", "<\\/"),
    }
    page = _template()
    for name, value in tokens.items():
        page = page.replace(f"@{name}@", value)
    return HTMLResponse(page, headers=_HEADERS)


@cache
def _template() -> str:
    return (Path(__file__).parent / "wall.html").read_text(encoding="utf-8")
