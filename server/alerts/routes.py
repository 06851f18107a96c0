"""Alerts over REST and as a stream: listed, explained, handled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from contract.readings import encode
from server.access.authentication import Authenticator, Who, authenticator_of
from server.access.guard import allow, officers_seen
from server.access.principals import Principal
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN, Documented
from server.access.rights import Right
from server.access.sessions import Reader, ReadSession, WriteSession
from server.alerts import store
from server.alerts.alerts import BY_PEOPLE, Alert, Move, Severity, State, Step, Verdict
from server.alerts.answers import (
    AlertExplained,
    Alerts,
    AlertSeen,
    explain,
    seen,
    sees,
)
from server.alerts.library import in_force
from server.alerts.points import read_given_up
from server.alerts.rule_store import read_changes
from server.audit.entries import Action
from server.errors import DatabaseAway, Forbidden, NotFound, RequestInvalid, SignInNeeded
from server.periods import today
from server.scopes import Scope
from server.units.store import read_tree

router = APIRouter(prefix="/api/v1", tags=["alerts"])

_READS = allow(Right.READ_ALERTS)
_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE
_WRITING = _ANSWERS | EXISTS
_EVENTS: Documented = {
    200: {
        "description": "Events of type `alert`; the data of each is an alert as it is listed.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

EVENTS_EVERY_S = 2.0
"""How often the stream looks for newer changes; an event is at most so much later."""


class StepRequest(BaseModel):
    """What somebody does with an alert: `acknowledged`, `assigned` (to an account by name),
    `snoozed` (for minutes) or `resolved` (with a verdict: was it right or false).
    """

    step: Step
    note: str = Field(default="", max_length=2000)
    assignee: str | None = Field(default=None, max_length=63)
    minutes: int | None = Field(default=None, ge=1, le=7 * 24 * 60)
    verdict: Verdict | None = None


@router.get(
    "/alerts",
    response_model=Alerts,
    responses=_ANSWERS,
    dependencies=[Depends(_READS)],
)
async def alerts(
    session: ReadSession,
    who: Who,
    state: Annotated[list[State] | None, Query(description="Without: every open one.")] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    scope: Annotated[str, Query(max_length=80, description="province, subtree:UNIT.")] = "province",
    rule: Annotated[str | None, Query(max_length=40)] = None,
    before: Annotated[datetime | None, Query(description="Changed before this time.")] = None,
) -> Response:
    """The alerts of the units that the principal may see, the newest change first."""
    if before is not None and before.tzinfo is None:
        raise RequestInvalid("before needs a time zone, as 2026-11-28T09:00:00+07:00")
    place = Scope.parse(scope)

    async def read(connection: AsyncConnection) -> Alerts:
        now = datetime.now(UTC)
        units = await _units(connection, place, now)
        found = await store.read_alerts(
            connection,
            states=[each for each in State if each.is_open] if state is None else state,
            severities=severity,
            units=units,
            rule=rule,
            before=before,
        )
        rules = in_force(await read_changes(connection))
        visible = [each for each in found if sees(who, Right.READ_ALERTS, each.unit)]
        names = _names(who)
        dead = await read_given_up(connection, (each.id for each in visible)) if names else {}
        told = (
            replace(seen(each, rules.get(each.rule), names=names), given_up=dead.get(each.id, 0))
            for each in visible
        )
        return Alerts(computed_at=now, alerts=tuple(told))

    return _json(await session.run(read))


@router.get(
    "/alerts/events",
    response_class=StreamingResponse,
    responses=_EVENTS | _ANSWERS,
    dependencies=[Depends(_READS)],
)
async def alert_events(
    request: Request,
    session: ReadSession,
    auth: Annotated[Authenticator, Depends(authenticator_of)],
    last_event_id: Annotated[
        datetime | None, Header(description="The id of the last event that the client has.")
    ] = None,
) -> StreamingResponse:
    """Server-Sent Events: an event for each alert that changes from now on, as it is listed."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    after = last_event_id or datetime.now(UTC)
    if after.tzinfo is None:
        raise RequestInvalid("Last-Event-ID is the id of an event, with its time zone")
    events = _events(request, session, auth, after)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.get(
    "/alerts/{alert}",
    response_model=AlertExplained,
    responses=_ANSWERS,
    dependencies=[Depends(_READS)],
)
async def alert_explained(alert: UUID, session: ReadSession, who: Who) -> Response:
    """One alert with why: figure, usual range, points, what to do, similar ones, its history."""

    async def read(connection: AsyncConnection) -> AlertExplained:
        found = await _visible(connection, alert, who, Right.READ_ALERTS)
        rule = in_force(await read_changes(connection)).get(found.rule)
        if rule is None:
            raise NotFound(f"rule {found.rule!r} of this alert is not there any more")
        return await explain(
            connection, found, rule, datetime.now(UTC), officers_seen(who), names=_names(who)
        )

    return _json(await session.run(read))


@router.post(
    "/alerts/{alert}/steps",
    status_code=204,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.HANDLE_ALERTS))],
)
async def take_step(
    alert: UUID, asked: StepRequest, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Acknowledge, assign, snooze or resolve an alert."""
    now = datetime.now(UTC)
    taken = _taken(asked, who, now)

    async def write(connection: AsyncConnection) -> None:
        found = await _visible(connection, alert, who, Right.HANDLE_ALERTS)
        if asked.assignee is not None:
            await store.require_account(connection, asked.assignee)
        move = Move(step=asked.step, rule=found.rule, unit=found.unit, alert=found.id)
        await store.advance(connection, found, move, taken, now)
        await recorder.note(
            connection,
            Action.ALERT_STEP,
            found.unit or "",
            alert=str(found.id),
            rule=found.rule,
            step=asked.step,
            verdict=asked.verdict,
        )

    await session.run(write)
    return Response(status_code=204)


@router.post(
    "/alerts/{alert}/messages/{message}/send",
    status_code=204,
    responses=_WRITING,
    dependencies=[Depends(allow(Right.HANDLE_ALERTS))],
)
async def send_again(
    alert: UUID, message: UUID, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Try a message again that was given up; it keeps its id."""
    now = datetime.now(UTC)

    async def write(connection: AsyncConnection) -> None:
        found = await _visible(connection, alert, who, Right.HANDLE_ALERTS)
        await store.send_again(connection, found.id, message, now)
        await recorder.note(
            connection, Action.ALERT_SENT_AGAIN, found.unit or "", message=str(message)
        )

    await session.run(write)
    return Response(status_code=204)


def _taken(asked: StepRequest, who: Principal, now: datetime) -> store.Taken:
    """Return what a step brings with it; raise RequestInvalid where something is missing."""
    if asked.step not in BY_PEOPLE:
        raise RequestInvalid(f"{asked.step} follows from figures; take one of the people's steps")
    if asked.step is Step.ASSIGNED and asked.assignee is None:
        raise RequestInvalid("assigned needs an assignee: the name of an account")
    if asked.step is Step.SNOOZED and asked.minutes is None:
        raise RequestInvalid("snoozed needs minutes")
    if asked.step is Step.RESOLVED and asked.verdict is None:
        raise RequestInvalid("resolved needs a verdict: was the alert right or false?")
    until = None if asked.minutes is None else now + timedelta(minutes=asked.minutes)
    return store.Taken(
        actor=who.name,
        note=asked.note,
        by_people=True,
        until=until,
        assignee=asked.assignee,
        verdict=asked.verdict,
    )


async def _visible(connection: AsyncConnection, id_: UUID, who: Principal, right: Right) -> Alert:
    """Return an alert; raise NotFound where it may not be seen, Forbidden where only seen."""
    found = await store.read_alert(connection, id_)
    if not sees(who, Right.READ_ALERTS, found.unit):
        raise NotFound("there is no such alert")
    if not sees(who, right, found.unit):
        raise Forbidden(f"{who.name} may not {right.replace('_', ' ')} here")
    return found


def _names(who: Principal) -> bool:
    """Return whether people are told by name who takes which step: not on walls or to programs."""
    return who.may(Right.HANDLE_ALERTS) or who.may(Right.READ_AUDIT)


async def _units(connection: AsyncConnection, place: Scope, now: datetime) -> list[str] | None:
    if place.unit is None:
        return None
    tree = await read_tree(connection, today(now))
    if place.unit not in tree.units:
        raise NotFound(f"unit {place.unit!r} is not known; GET /api/v1/units lists them")
    return [*tree.below(place.unit)]


async def _events(
    request: Request, session: Reader, auth: Authenticator, after: datetime
) -> AsyncIterator[str]:
    while not await request.is_disconnected():
        changed: list[AlertSeen] = []
        try:
            who = await auth.identify(request)
            if _READS.refusal(request, who) is not None:
                return
            changed = await session.run(partial(changed_since, who=who, after=after))
        except SignInNeeded:
            return
        except DatabaseAway:
            pass  # nobody can be asked; what changed meanwhile is told afterwards
        for each in changed:
            after = each.changed_at
            body = encode(each).decode()
            yield f"id: {after.isoformat()}\nevent: alert\ndata: {body}\n\n"
        if not changed:
            yield ": nothing new\n\n"
        await asyncio.sleep(EVENTS_EVERY_S)


async def changed_since(
    connection: AsyncConnection, who: Principal, after: datetime
) -> list[AlertSeen]:
    """Return the alerts that have changed since a time, the oldest change first."""
    rules = in_force(await read_changes(connection))
    found = await store.read_alerts(connection, after=after)
    return [
        seen(each, rules.get(each.rule), names=_names(who))
        for each in reversed(found)
        if sees(who, Right.READ_ALERTS, each.unit)
    ]


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
