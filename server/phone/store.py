"""Finds what a token stands for, and keeps the rating that a telephone sent with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg import AsyncConnection

from contract.texts import Language
from contract.visit_tokens import TokenInvalid, VisitToken, read_token, verify_token
from runtime.sql import statements
from server.devices.configs import PhoneContent
from server.phone.marking import marks_of
from server.phone.questions import QuestionSet, question_sets
from server.phone.submissions import Submission, is_expired, rating_id

_SQL = statements("server.phone", "phone.sql")


class Refusal(StrEnum):
    """Why a token takes no rating; the page has a text for each."""

    INVALID = "invalid"
    EXPIRED = "expired"
    RATED_HERE = "rated_here"
    RATED_THERE = "rated_there"


class TokenRefused(Exception):
    """The token takes no rating."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit that can be rated: the token, where it was, and what the page asks."""

    token: VisitToken
    unit: str
    counter: str
    device: str
    place: str
    names: Mapping[Language, str]
    questions: QuestionSet | None
    comments: bool


async def find_visit(connection: AsyncConnection, text: str, now: datetime) -> Visit:
    """Return the visit that the token `text` stands for; raise TokenRefused.

    Whether it was rated already is not looked at. The connection is the API's own.
    """
    try:
        token = read_token(text)
        of = {"number": token.number, "issued_at": token.issued_at}
        row = await (await connection.execute(_SQL["key"], of)).fetchone()
        if row is None:
            raise TokenRefused(Refusal.INVALID)
        unit, counter, device, key, asked = row
        verify_token(text, bytes(key))
    except TokenInvalid as error:
        raise TokenRefused(Refusal.INVALID) from error
    content = PhoneContent.model_validate(asked or {})
    if asked is None or is_expired(token, now, lasts_h=content.lasts_h):
        raise TokenRefused(Refusal.EXPIRED)
    place = token.counter or counter
    names = await (
        await connection.execute(_SQL["place_there"], {"unit": unit, "place": place})
    ).fetchone()
    if names is None:
        raise TokenRefused(Refusal.INVALID)  # a counter of which nothing was ever heard
    return Visit(
        token=token,
        unit=unit,
        counter=counter,
        device=device,
        place=place,
        names=dict(zip(Language, names, strict=True)),
        questions=question_sets().get(content.questions or ""),
        comments=content.comments,
    )


async def refuse_rated(connection: AsyncConnection, visit: Visit, form: object = None) -> bool:
    """Return whether the page `form` has rated the visit already.

    Raises TokenRefused where another page has, or where it was rated at the counter.
    """
    token = visit.token
    of = {"request": token.request, "visit": token.visit, "issued_at": token.issued_at}
    row = await (await connection.execute(_SQL["rated"], of)).fetchone()
    assert row is not None
    used_by, at_counter = row
    if used_by is not None and used_by == form:
        return True
    if used_by is not None:
        raise TokenRefused(Refusal.RATED_HERE)
    if at_counter:
        raise TokenRefused(Refusal.RATED_THERE)
    return False


async def names_of_officers(connection: AsyncConnection, unit: str) -> list[str]:
    """Return the names of the unit's officers, to mark comments that name one."""
    rows = await (await connection.execute(_SQL["officers_of"], {"unit": unit})).fetchall()
    return [name for (name,) in rows]


async def keep_rating(
    connection: AsyncConnection,
    visit: Visit,
    given: Submission,
    *,
    officers: list[str],
    now: datetime,
) -> bool:
    """Keep a rating with its answers and comment; return False where the token was used before."""
    row = {
        "id": rating_id(visit.token),
        "request": visit.token.request,
        "form": given.form,
        "unit": visit.unit,
        "counter": visit.counter,
        "device": visit.device,
        "place": visit.place,
        "observed_at": visit.token.issued_at,
        "given_at": now,
        "score": given.score,
        "reasons": ",".join(given.reasons),
        "language": given.language,
        "visit": visit.token.visit,
    }
    if (await connection.execute(_SQL["add_rating"], row)).rowcount == 0:
        return False
    if given.answers and visit.questions is not None:
        answers = {
            "questions": visit.questions.key,
            "question": list(given.answers),
            "answer": list(given.answers.values()),
        }
        await connection.execute(_SQL["add_answers"], row | answers)
    if given.comment:
        marks = ",".join(marks_of(given.comment, officers))
        said = {"comment": given.comment, "marks": marks}
        await connection.execute(_SQL["add_comment"], row | said)
    return True
