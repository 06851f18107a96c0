"""The public page on which a citizen rates one visit: no sign-in, no cookie, one rating a token."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from psycopg import AsyncConnection

from contract.identifiers import new_id
from contract.texts import Language
from server.access.authentication import origin_of
from server.access.guard import allow
from server.access.rights import Right
from server.access.sessions import OwnSession, Reader, WriteSession
from server.errors import DatabaseAway
from server.phone.limits import Limits
from server.phone.page import headers, render_form, render_word
from server.phone.store import (
    Refusal,
    TokenRefused,
    Visit,
    find_visit,
    keep_rating,
    names_of_officers,
    refuse_rated,
)
from server.phone.submissions import Submission, SubmissionInvalid, parse_submission

PATH = "/danh-gia"
MAX_BODY_BYTES = 16 * 1024
"""A comment of 1,000 characters has at most 9,000 bytes in a form."""

_STATUS = {
    Refusal.INVALID: 404,
    Refusal.EXPIRED: 410,
    Refusal.RATED_HERE: 409,
    Refusal.RATED_THERE: 409,
}

# Not in the API's document: it is a page for people, and programs have no use of it.
router = APIRouter(prefix=PATH, include_in_schema=False)


class _TooMany(Exception):
    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


def _language(request: Request) -> Language:
    return Language.EN if request.query_params.get("lang") == Language.EN else Language.VI


Spoken = Annotated[Language, Depends(_language)]


@router.get("/{token}", dependencies=[Depends(allow(Right.RATE))])
async def show(token: str, request: Request, session: OwnSession, language: Spoken) -> HTMLResponse:
    """The form of one visit, or why it cannot be rated."""

    async def find(connection: AsyncConnection) -> Visit:
        visit = await find_visit(connection, token, datetime.now(UTC))
        await refuse_rated(connection, visit)
        return visit

    try:
        _count(request)
        visit = await session.run(find)
    except (TokenRefused, DatabaseAway, _TooMany) as error:
        return _refused(error, language)
    return _form(visit, language)


@router.post("/{token}", dependencies=[Depends(allow(Right.RATE))])
async def rate(
    token: str, request: Request, session: WriteSession, own: OwnSession, language: Spoken
) -> HTMLResponse:
    """Take one rating of the visit; the same page sent again is thanked again."""
    now = datetime.now(UTC)
    try:
        _count(request)
        fields = await _fields(request)
        visit, given, officers = await _given(token, fields, own, now)
        if given is None:
            return _form(visit, language, problem="problem.submission")
        await _keep(visit, given, officers, own, session, now)
    except (TokenRefused, DatabaseAway, _TooMany) as error:
        return _refused(error, language)
    return _answer(render_word("thanks", given.language), 200)


async def _given(
    token: str, fields: dict[str, list[str]], own: Reader, now: datetime
) -> tuple[Visit, Submission | None, list[str]]:
    """Return the visit, the rating or None for a form that is not filled in, and the officers."""

    async def find(connection: AsyncConnection) -> tuple[Visit, list[str]]:
        visit = await find_visit(connection, token, now)
        return visit, await names_of_officers(connection, visit.unit)

    visit, officers = await own.run(find)
    try:
        return visit, parse_submission(fields, visit.questions, comments=visit.comments), officers
    except SubmissionInvalid:
        return visit, None, officers


async def _keep(
    visit: Visit,
    given: Submission,
    officers: list[str],
    own: Reader,
    session: WriteSession,
    now: datetime,
) -> None:
    """Keep the rating, once; raise TokenRefused where another page was before."""

    async def is_kept(connection: AsyncConnection) -> bool:
        return await refuse_rated(connection, visit, given.form)

    async def keep(connection: AsyncConnection) -> bool:
        return await keep_rating(connection, visit, given, officers=officers, now=now)

    if await own.run(is_kept):
        return
    if not await session.run(keep):
        await own.run(is_kept)  # two at the same moment: the other page, or this one, twice


async def _fields(request: Request) -> dict[str, list[str]]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return {}
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=40, errors="replace")
    except ValueError:  # more fields than the form has
        return {}


def _count(request: Request) -> None:
    limits = request.app.state.phone_limits
    assert isinstance(limits, Limits)
    wait_s = limits.wait_s(origin_of(request).address, time.monotonic())
    if wait_s > 0:
        raise _TooMany(wait_s)


def _form(visit: Visit, language: Language, problem: str | None = None) -> HTMLResponse:
    page = render_form(visit, form=new_id(datetime.now(UTC)), language=language, problem=problem)
    return _answer(page, 200 if problem is None else 422)


def _refused(error: Exception, language: Language) -> HTMLResponse:
    match error:
        case TokenRefused(refusal=refusal):
            return _answer(render_word(str(refusal), language), _STATUS[refusal])
        case _TooMany(wait_s=wait_s):
            answer = _answer(render_word("busy", language), 429)
            answer.headers["Retry-After"] = str(math.ceil(wait_s))
            return answer
        case _:
            return _answer(render_word("away", language), 503)


def _answer(page: str, status: int) -> HTMLResponse:
    return HTMLResponse(page, status, headers=headers())
