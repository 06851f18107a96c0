"""One's own subscription of the daily brief over REST."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter, Depends, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from contract.texts import Language
from server.access.authentication import Who
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.audit.entries import Action
from server.briefs.store import Subscriber, read_subscribers, subscribe, unsubscribe_account
from server.errors import Forbidden, ScopeInvalid
from server.scopes import PROVINCE, Scope, ScopeKind

router = APIRouter(prefix="/api/v1/me/briefs", tags=["reports"])

_READS = Depends(allow(Right.READ_FIGURES))


class BriefRequest(BaseModel):
    """To which address the brief of a place is sent each morning, and in which language."""

    address: str = Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)
    scope: str = Field(default=str(PROVINCE), max_length=80)
    language: Language = Language.VI


@router.get("", responses=UNAVAILABLE, dependencies=[_READS])
async def briefs(session: ReadSession, who: Who) -> list[Subscriber]:
    """The subscriptions of whoever asks."""
    return await session.run(partial(read_subscribers, account=who.name))


@router.put(
    "", status_code=204, responses=UNKNOWN | REFUSED | EXISTS | UNAVAILABLE, dependencies=[_READS]
)
async def put_brief(
    asked: BriefRequest, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Get the brief of a place whose figures one may read, each morning, as long as one may."""
    if who.kind != "account":
        raise Forbidden("only accounts of people get a brief: it ends when the account does")
    scope = Scope.parse(asked.scope)
    if scope.kind not in (ScopeKind.PROVINCE, ScopeKind.SUBTREE) or scope.parts:
        raise ScopeInvalid(f"{asked.scope!r}: a brief is of the province or of subtree:UNIT")
    if not who.may(Right.READ_FIGURES, scope):
        raise Forbidden(f"{who.name} may not read figures of {scope}")
    wanted = Subscriber(
        address=asked.address,
        scope=str(scope),
        language=asked.language,
        account=who.name,
        since=datetime.now(UTC),
    )

    async def write(connection: AsyncConnection) -> None:
        await subscribe(connection, wanted)
        await recorder.note(connection, Action.BRIEF_SUBSCRIBED, asked.address, scope=str(scope))

    await session.run(write)
    return Response(status_code=204)


@router.delete("", status_code=204, responses=UNKNOWN | UNAVAILABLE, dependencies=[_READS])
async def remove_brief(session: WriteSession, who: Who, recorder: Rec) -> Response:
    """Get no brief any more."""

    async def write(connection: AsyncConnection) -> None:
        await unsubscribe_account(connection, who.name)
        await recorder.note(connection, Action.BRIEF_ENDED, who.name)

    await session.run(write)
    return Response(status_code=204)
