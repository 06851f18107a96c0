"""Writes docs/openapi.json: `python -m server.document docs/`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from server.app import create_app

FILE = "openapi.json"


def render() -> str:
    """Return the OpenAPI document, the same text for the same code."""
    # Nothing connects before the application starts, so that any address will do.
    document = create_app("postgresql://127.0.0.1/motcua").openapi()
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write the document into the folder named by the one argument."""
    (folder,) = arguments
    Path(folder, FILE).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
