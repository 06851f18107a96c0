"""Names of parts of a page for whoever hears it read."""

from __future__ import annotations

from typing import Any


def named(label: str) -> dict[str, Any]:
    """Return the property that names a part of a page."""
    return {"aria-label": label}
