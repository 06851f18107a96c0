"""Procedures as values: what is applied for, within which time, and whose record of it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Channel(StrEnum):
    """How a dossier is handed in."""

    DIRECT = "direct"
    ONLINE = "online"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A field of administration (lĩnh vực) that groups procedures."""

    id: str
    name_vi: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure (thủ tục hành chính).

    `limit_days` is the statutory limit in working days. What is received later than `late_after`
    counts from the next working day. `source` names the one system whose dossiers of this
    procedure count; None takes them from any.
    """

    code: str
    family: str | None = None
    name_vi: str
    name_en: str
    limit_days: float | None = None
    late_after: time | None = None
    source: str | None = None
