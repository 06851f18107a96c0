"""Plain sentences for whoever starts the database or the broker by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import structlog

Say: TypeAlias = Callable[[str], None]
"""Shows one line to the user."""

log = structlog.get_logger()


def log_notice(line: str) -> None:
    """Log `line`: what is said where nobody sits at a terminal."""
    log.warning("notice", text=line)
