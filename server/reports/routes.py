"""Reports over REST: asked for, followed, fetched, and checked."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from psycopg import AsyncConnection

from contract.readings import encode
from server.access.authentication import Who
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import OwnSession, ReadSession, WriteSession
from server.audit.entries import Action
from server.errors import DatabaseAway, NotFound, RequestInvalid, ServerError
from server.rankings.measures import MEASURES
from server.reports import store, verification
from server.reports.answers import MailSeen, ReportRequest, ReportSeen
from server.reports.comparison import Restated
from server.reports.contents.forms import form_of
from server.reports.issuing import compare
from server.reports.mails import read_mails
from server.reports.questions import ReportQuestion, ReportState
from server.reports.sight import asker_of, may_see, require_asking
from server.reports.store import Asked
from server.reports.verification import LARGEST_FILE, Verdict
from server.reports.writers import MEDIA_TYPES
from server.schemes.library import Schemes, scheme_of
from server.schemes.requests import Known
from server.web.asgi import language
from server.web.details import in_language
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

COMPARED_WITHIN_S = 60.0
"""To compute all figures anew takes longer than the answer to a question."""

_READS = Depends(allow(Right.READ_FIGURES))
_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE
_FILE = {
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    "description": "The file.",
}


@router.get("", response_model=list[ReportSeen], responses=UNAVAILABLE, dependencies=[_READS])
async def reports(request: Request, page: Paged, session: OwnSession, who: Who) -> Response:
    """The reports of the last week that the principal may see, the newest first."""
    now = datetime.now(UTC)
    found = await session.run(store.read_reports)
    seen = [each for each in found if may_see(who, each, _question(each, now))]
    following = page.following(seen, lambda report: report.id)
    told = [_seen(each, request) for each in following]
    return _json(told, headers=page.headers)


@router.post(
    "",
    status_code=202,
    response_model=ReportSeen,
    responses=_ANSWERS,
    dependencies=[_READS],
)
async def ask_report(
    asked: ReportRequest,
    session: WriteSession,
    own: OwnSession,
    who: Who,
    recorder: Rec,
    known: Known,
) -> Response:
    """Have a report made; it is followed at the address that the answer names."""
    now = datetime.now(UTC)
    given = asked.model_dump(mode="json", exclude_none=True)
    given.pop("format")
    question = ReportQuestion.read(given, now)
    require_asking(who, question)
    _require_known(question, known)

    async def write(connection: AsyncConnection) -> uuid.UUID:
        id_ = await store.ask(connection, question, asked.format, asker_of(who, question))
        await recorder.note(
            connection,
            Action.REPORT_ASKED,
            str(question.place),
            report=str(id_),
            format=asked.format,
            **question.kept(),
        )
        return id_

    id_ = await session.run(write)
    found = await own.run(partial(store.read_report, id_=id_))
    return Response(
        encode(ReportSeen.of(found)),
        status_code=202,
        media_type="application/json",
        headers={"Location": f"{router.prefix}/{id_}"},
    )


@router.get(
    "/mails",
    response_model=list[MailSeen],
    responses=UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_WEBHOOKS))],
)
async def mails(page: Paged, session: OwnSession) -> Response:
    """Monthly reports by e-mail: what was sent, what waits, and what went wrong."""
    found = page.following(await session.run(read_mails), lambda mail: mail.message_id)
    return _json(
        [
            MailSeen(
                period=each.period,
                address=each.address,
                message_id=each.message_id,
                created_at=each.created_at,
                state=each.state,
                attempts=each.attempts,
                next_at=each.next_at if each.state == "waiting" else None,
                problem=each.problem,
                sent_at=each.sent_at,
                report=each.report,
            )
            for each in found
        ],
        headers=page.headers,
    )


@router.post(
    "/verify",
    response_model=Verdict,
    responses=REFUSED | UNAVAILABLE,
    dependencies=[_READS],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def verify_report(
    request: Request,
    session: ReadSession,
    own: OwnSession,
    writing: WriteSession,
    who: Who,
    recorder: Rec,
    known: Known,
) -> Response:
    """Whether a file was issued here and is unchanged, and whether its figures were restated."""
    content = await _body(request)
    kind, digest, issue = await own.run(partial(verification.find, content=content))

    async def note(connection: AsyncConnection) -> None:
        subject = store.file_digest(content)
        await recorder.note(connection, Action.REPORT_VERIFIED, subject, found=kind)

    await writing.run(note)
    compared: Restated | ServerError | None = None
    if issue is not None:
        now = datetime.now(UTC)
        try:
            require_asking(who, ReportQuestion.read(issue.question, now))
            compared = await asyncio.wait_for(
                compare(session.database, issue, known, now), COMPARED_WITHIN_S
            )
        except TimeoutError:
            compared = DatabaseAway(f"it takes more than {COMPARED_WITHIN_S:.0f} s")
        except ServerError as error:
            compared = error
    return _json(verification.verdict(kind, digest, issue, compared))


@router.get(
    "/{report}",
    response_model=ReportSeen,
    responses=UNKNOWN | UNAVAILABLE,
    dependencies=[_READS],
)
async def report(request: Request, report: uuid.UUID, session: OwnSession, who: Who) -> Response:
    """One report: how far it is, and why it failed."""
    return _json(_seen(await _visible(report, session, who), request))


def _seen(asked: Asked, request: Request) -> ReportSeen:
    """Return a report as it is listed; why it failed, in the language of whoever asks."""
    found = ReportSeen.of(asked)
    if found.problem is None:
        return found
    return replace(found, problem=in_language(found.problem, language(request.scope)))


@router.get(
    "/{report}/file",
    response_class=Response,
    responses=UNKNOWN | UNAVAILABLE | {200: _FILE},
    dependencies=[_READS],
)
async def report_file(
    report: uuid.UUID, session: OwnSession, writing: WriteSession, who: Who, recorder: Rec
) -> Response:
    """The report's file."""
    found = await _visible(report, session, who)
    if found.state is not ReportState.READY:
        raise NotFound(f"the report is {found.state}: it has no file")
    question = _question(found, datetime.now(UTC))

    async def note(connection: AsyncConnection) -> None:
        subject = str(question.place)
        await recorder.note(
            connection, Action.REPORT_FETCHED, subject, report=str(report), digest=found.digest
        )
        if question.officer is not None:
            officer = f"{subject};officer:{question.officer}"
            await recorder.note(connection, Action.OFFICER_SEEN, officer, report=str(report))

    await writing.run(note)
    content = await session.run(partial(store.read_file, id_=report))
    name = quote(found.name or f"report.{found.format}")
    return Response(
        content,
        media_type=MEDIA_TYPES[found.format],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _visible(report: uuid.UUID, session: OwnSession, who: Who) -> Asked:
    found = await session.run(partial(store.read_report, id_=report))
    if not may_see(who, found, _question(found, datetime.now(UTC))):
        raise NotFound("there is no such report; files are kept for a week")
    return found


def _question(asked: Asked, now: datetime) -> ReportQuestion:
    return ReportQuestion.read(asked.question, now)


def _require_known(question: ReportQuestion, known: Schemes) -> None:
    """Say at once what the job would find out later."""
    if question.scheme is not None:
        scheme_of(known, question.scheme, question.period)
    if question.template is not None:
        form_of(question.template, question.period)
    if question.kpi not in MEASURES:
        choice = ", ".join(MEASURES)
        raise NotFound(f"nothing can be ranked by {question.kpi!r}; choose one of {choice}")


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_FILE:
            raise RequestInvalid(f"the file is larger than {LARGEST_FILE // 2**20} MB")
        parts.append(part)
    return b"".join(parts)


def _json(value: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(value), media_type="application/json", headers=headers)
