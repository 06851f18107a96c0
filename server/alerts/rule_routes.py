"""The rules of alerts over REST: listed with their history, tried on the past, and changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from psycopg import AsyncConnection
from pydantic import BaseModel, Field, model_validator

from contract.readings import encode
from server.access.authentication import Who
from server.access.guard import allow
from server.access.recording import Rec
from server.access.responses import EXISTS, REFUSED, UNAVAILABLE, UNKNOWN
from server.access.rights import Right
from server.access.sessions import ReadSession, WriteSession
from server.alerts.backtests import WouldRaise
from server.alerts.cards import (
    RuleSeen,
    RuleWithHistory,
    Tried,
    card,
    change_seen,
    tried,
    with_history,
)
from server.alerts.library import in_force, parse_rule, rule_from
from server.alerts.rule_store import change_rule, read_changes, read_history, read_rule
from server.alerts.rules import Rule
from server.alerts.store import lock
from server.alerts.trying import ON_SCREEN_S, try_rule
from server.audit.entries import Action
from server.errors import RequestInvalid

router = APIRouter(prefix="/api/v1", tags=["alerts"])

_READS = allow(Right.READ_ALERTS)
_ANSWERS = UNKNOWN | REFUSED | UNAVAILABLE
_LONGEST_FILE = 20_000
_TRIED_WITHIN_S = ON_SCREEN_S + 5.0
"""A trial ends by itself, with a line that says how far it came."""


class RuleText(BaseModel):
    """A whole rule, as its TOML file has it or as an object of the same fields."""

    rule: dict[str, Any] | None = None
    toml: str | None = Field(default=None, max_length=_LONGEST_FILE)

    @model_validator(mode="after")
    def _one(self) -> RuleText:
        if (self.rule is None) == (self.toml is None):
            raise ValueError("give either rule or toml")
        return self

    def read(self, name: str) -> Rule:
        """Return the rule; raise RuleInvalid, and RequestInvalid where it is another one."""
        if self.toml is not None:
            found = parse_rule(self.toml, f"{name}.toml")
        else:
            found = rule_from(self.rule or {}, "rule")
        if found.id != name:
            raise RequestInvalid(
                f"the rule is called {found.id!r}, not {name!r} as the address says"
            )
        return found


class RuleRequest(RuleText):
    """A whole rule, and why it is changed."""

    reason: str = Field(min_length=1, max_length=2000)


@router.get(
    "/alert-rules",
    response_model=list[RuleSeen],
    responses=_ANSWERS,
    dependencies=[Depends(_READS)],
)
async def alert_rules(session: ReadSession) -> Response:
    """Every rule that holds, with what was measured of it: those shipped and the province's."""

    async def read(connection: AsyncConnection) -> list[RuleSeen]:
        changes = await read_changes(connection)
        changed = {rule.id for rule in changes}
        return [card(rule, changed=rule.id in changed) for rule in in_force(changes).values()]

    return _json(await session.run(read))


@router.get(
    "/alert-rules/{rule}",
    response_model=RuleWithHistory,
    responses=_ANSWERS,
    dependencies=[Depends(_READS)],
)
async def alert_rule(rule: str, session: ReadSession) -> Response:
    """One rule as its file has it, with the history of its changes."""

    async def read(connection: AsyncConnection) -> RuleWithHistory:
        found = await read_rule(connection, rule)
        history = [change_seen(each) for each in await read_history(connection, rule)]
        return with_history(found, history)

    return _json(await session.run(read))


@router.get(
    "/alert-rules/{rule}/backtest",
    response_model=list[WouldRaise],
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.WRITE_ALERT_RULES))],
)
async def backtest(
    rule: str,
    session: ReadSession,
    first: Annotated[date, Query(description="The first day.")],
    last: Annotated[date, Query(description="The last day.")],
) -> Response:
    """What the rule that holds would have raised, with dates, from what is known by now."""

    async def read(connection: AsyncConnection) -> list[WouldRaise]:
        found = await read_rule(connection, rule)
        return list((await try_rule(connection, found, first, last, datetime.now(UTC))).raised)

    return _json(await session.run(read, within_s=_TRIED_WITHIN_S))


@router.post(
    "/alert-rules/{rule}/backtest",
    response_model=Tried,
    responses=_ANSWERS,
    dependencies=[Depends(allow(Right.WRITE_ALERT_RULES))],
)
async def try_changed(
    rule: str,
    asked: RuleText,
    session: ReadSession,
    first: Annotated[date, Query(description="The first day.")],
    last: Annotated[date, Query(description="The last day.")],
) -> Response:
    """What a rule would have raised before it holds, with dates; nothing is stored."""
    changed = asked.read(rule)

    async def read(connection: AsyncConnection) -> Tried:
        in_force(_replaced(await read_changes(connection), changed))  # raises RuleInvalid
        trial = await try_rule(connection, changed, first, last, datetime.now(UTC))
        return tried(trial, first, last)

    return _json(await session.run(read, within_s=_TRIED_WITHIN_S))


@router.put(
    "/alert-rules/{rule}",
    status_code=204,
    responses=_ANSWERS | EXISTS,
    dependencies=[Depends(allow(Right.WRITE_ALERT_RULES))],
)
async def put_alert_rule(
    rule: str, asked: RuleRequest, session: WriteSession, who: Who, recorder: Rec
) -> Response:
    """Change a rule, or add one of the province's own; what held before stays as history."""
    changed = asked.read(rule)
    now = datetime.now(UTC)

    async def write(connection: AsyncConnection) -> None:
        await lock(connection)
        in_force(_replaced(await read_changes(connection), changed))  # raises RuleInvalid
        await change_rule(connection, changed, who.name, asked.reason, now)
        await recorder.note(
            connection, Action.ALERT_RULE_CHANGED, rule, version=changed.version, why=asked.reason
        )

    await session.run(write)
    return Response(status_code=204)


def _replaced(changes: list[Rule], changed: Rule) -> list[Rule]:
    return [each for each in changes if each.id != changed.id] + [changed]


def _json(value: object) -> Response:
    return Response(encode(value), media_type="application/json")
