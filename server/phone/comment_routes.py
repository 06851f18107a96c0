"""Comments over REST: listed, and read by somebody of the unit, who shows or withholds each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from psycopg import AsyncConnection
from pydantic import BaseModel, ConfigDict

from runtime.sql import statements
from server.access.authentication import Who
from server.access.guard import At, allow
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import OwnSession, WriteSession
from server.audit.entries import Action
from server.errors import Conflict, NotFound
from server.phone.comments import Comment
from server.scopes import Scope
from server.web.paging import Paged

router = APIRouter(prefix="/api/v1/comments", tags=["comments"])

_SQL = statements("server.phone", "phone.sql")


class State(StrEnum):
    """Which comments are asked for."""

    UNREAD = "unread"
    READ = "read"


class ReadingRequest(BaseModel):
    """What whoever has read a comment decides: whether others of the unit see it."""

    model_config = ConfigDict(extra="forbid")

    shown: bool


@router.get(
    "",
    responses=REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.READ_COMMENTS, At.UNIT_ASKED))],
)
async def comments(
    page: Paged,
    session: OwnSession,
    writing: WriteSession,
    recorder: Rec,
    who: Who,
    unit: Annotated[str, Query(max_length=63)],
    state: State | None = None,
    days: Annotated[int, Query(ge=1, le=400, description="How far back.")] = 90,
) -> list[Comment]:
    """Comments on the unit's service, marked ones first. Those that nobody has read, or that are
    withheld, only for whoever may release them.
    """
    Scope.parse(f"unit:{unit}")  # says what is wrong with one that cannot be
    now = datetime.now(UTC)
    asked = {
        "unit": unit,
        "since": now - timedelta(days=days),
        "until": now + timedelta(minutes=1),
        "unread": None if state is None else state is State.UNREAD,
        "held": who.reach(Right.RELEASE_COMMENTS).has(unit),
    }

    async def read(connection: AsyncConnection) -> list[Comment]:
        rows = await (await connection.execute(_SQL["comments"], asked)).fetchall()
        return [Comment.from_row(row) for row in rows]

    async def note(connection: AsyncConnection) -> None:
        await recorder.note(connection, Action.COMMENTS_SEEN, unit)

    await writing.run(note)
    return page.following(await session.run(read), lambda comment: comment.rating)


@router.put(
    "/{comment}/reading",
    responses=UNKNOWN | EXISTS | REFUSED | UNAVAILABLE,
    dependencies=[Depends(allow(Right.RELEASE_COMMENTS))],
)
async def read_one(
    comment: UUID, asked: ReadingRequest, session: WriteSession, who: Who, recorder: Rec
) -> Comment:
    """Say that a comment was read, and whether others of the unit see it. What is withheld stays
    so; what is shown can be withheld later.
    """
    row = {"rating": comment, "shown": asked.shown, "by": who.name, "now": datetime.now(UTC)}

    async def write(connection: AsyncConnection) -> Comment:
        there = await (await connection.execute(_SQL["comment_there"], row)).fetchone()
        if there is None or not who.reach(Right.RELEASE_COMMENTS).has(there[0]):
            raise NotFound("there is no such comment")
        found = await (await connection.execute(_SQL["release"], row)).fetchone()
        if found is None:
            raise Conflict("the comment was read before; one that is shown can only be withheld")
        await recorder.note(
            connection, Action.COMMENT_READ, there[0], comment=str(comment), shown=asked.shown
        )
        return Comment.from_row(found)

    return await session.run(write)
