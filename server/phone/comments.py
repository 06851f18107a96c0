"""Comments as whoever releases them sees them. Values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from server.phone.marking import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a citizen wrote beside a rating; `shown` is None until it has been read."""

    rating: UUID
    unit: str
    counter: str
    given_at: datetime
    score: int
    language: str
    text: str
    marks: tuple[Mark, ...]
    read_at: datetime | None
    read_by: str | None
    shown: bool | None

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return what stands in the columns of the table."""
        rating, unit, counter, given_at, score, language, text, marks, read_at, by, shown = row
        return cls(
            rating=rating,
            unit=unit,
            counter=counter,
            given_at=given_at,
            score=score,
            language=language,
            text=text,
            marks=tuple(Mark(mark) for mark in marks.split(",") if mark),
            read_at=read_at,
            read_by=by,
            shown=shown,
        )
