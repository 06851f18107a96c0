"""What the API says of comments from telephones, and of the answers beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a citizen wrote beside a rating; `shown` is None until somebody has read it."""

    rating: str
    unit: str
    counter: str
    given_at: datetime
    score: int
    language: str
    text: str
    marks: tuple[str, ...] = ()
    read_at: datetime | None = None
    read_by: str | None = None
    shown: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question with how many answered, and the share that is satisfied with its interval."""

    questions: str
    question: str
    vi: str
    en: str
    n: int
    share_satisfied: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The questions of a unit that have figures in a period."""

    period: str
    group_of: int
    questions: tuple[Answered, ...] = ()
