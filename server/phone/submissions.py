"""What a telephone sends with the token of a visit, parsed once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from contract.identifiers import derived_id
from contract.messages import RatingReason
from contract.texts import Language
from contract.visit_tokens import VisitToken
from server.phone.questions import QuestionSet

LONGEST_COMMENT = 1000
"""Characters: a page on a telephone, and no place for whole letters."""

CLOCKS_DIFFER = timedelta(hours=1)
"""A device's clock may be ahead of the server's by so much."""

REASONS_UP_TO = 3
"""Scores that ask for reasons: the custom at Vietnamese kiosks."""


class SubmissionInvalid(ValueError):
    """No rating was chosen, or the form was not filled in as it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One rating as a citizen gave it; `answers` by the keys of questions."""

    form: UUID
    score: int
    language: Language
    reasons: tuple[RatingReason, ...] = ()
    answers: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""


def parse_submission(
    fields: Mapping[str, Sequence[str]], questions: QuestionSet | None, *, comments: bool
) -> Submission:
    """Return what the form's `fields` say; raise SubmissionInvalid.

    What was not asked is not kept: answers to other questions, a comment where none is asked for,
    reasons of a satisfied citizen.
    """
    try:
        score = int(_one(fields, "score"))
        form = UUID(_one(fields, "form"))
        language = Language(_one(fields, "language") or "vi")
        reasons = tuple(sorted(set(map(RatingReason, fields.get("reason", ())))))
        asked = () if questions is None else questions.questions
        given = {one.key: _one(fields, f"answer_{one.key}") for one in asked}
        answers = {key: int(value) for key, value in given.items() if value}
    except ValueError as error:
        raise SubmissionInvalid(str(error)) from error
    if not all(1 <= value <= 5 for value in (score, *answers.values())):
        raise SubmissionInvalid("a level is between 1 and 5")
    comment = _one(fields, "comment").replace("\0", "").replace("\r\n", "\n").strip()
    if len(comment) > LONGEST_COMMENT:
        raise SubmissionInvalid(f"a comment has at most {LONGEST_COMMENT} characters")
    return Submission(
        form=form,
        score=score,
        language=language,
        reasons=reasons if score <= REASONS_UP_TO else (),
        answers=answers,
        comment=comment if comments else "",
    )


def is_expired(token: VisitToken, now: datetime, *, lasts_h: float) -> bool:
    """Return whether the visit can be rated no more, or the token comes from too far ahead."""
    age = now - token.issued_at
    return not -CLOCKS_DIFFER <= age <= timedelta(hours=lasts_h)


def rating_id(token: VisitToken) -> UUID:
    """Return the id of the rating of this token: one token makes one rating."""
    return derived_id(token.issued_at, "phone", str(token.request))


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(fields.get(name, ())), "")
