"""Writes docs/openapi.json and docs/access.md: `python -m server.document docs/`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import server.access_document
from server.app import create_app

FILE = "openapi.json"
_ANYWHERE = "postgresql://127.0.0.1/motcua"
"""Nothing connects before the application starts, so that any address will do."""


def render() -> str:
    """Return the OpenAPI document, the same text for the same code."""
    document = create_app(_ANYWHERE).openapi()
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def render_access() -> str:
    """Return docs/access.md."""
    return server.access_document.render(create_app(_ANYWHERE))


def main(arguments: Sequence[str]) -> None:
    """Write the documents into the folder named by the one argument."""
    (folder,) = arguments
    Path(folder, FILE).write_text(render(), encoding="utf-8")
    Path(folder, server.access_document.FILE).write_text(render_access(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
