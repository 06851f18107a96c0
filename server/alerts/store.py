"""Reads and stores alerts; each step comes with its entry in the audit log and its messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, kwargs_row

from runtime.sql import statements
from server.alerts.alerts import Alert, Figure, Move, Severity, State, Step, Verdict, follow
from server.alerts.channels.channels import Channel, told
from server.alerts.rules import SOURCES, Rule
from server.alerts.timing import not_before
from server.audit.entries import Action, Entry
from server.audit.store import record
from server.errors import NotFound

_SQL = statements("server.alerts", "alerts.sql")

ITSELF = "alerts"
"""Whose steps those are that follow from figures and time."""

MOST = 500
"""Alerts in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step of an alert's history."""

    number: int
    step: str
    at: datetime
    actor: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was told to a channel, and how that went; `receipt` is what the channel answered.

    `uncertain`: at an attempt the channel was given all of it and did not answer. It may have it,
    and one that was sent afterwards may have come twice, under one id.
    """

    id: UUID
    step: int
    channel: str
    created_at: datetime
    attempts: int
    attempted_at: datetime | None
    sent_at: datetime | None
    receipt: str | None
    problem: str | None
    dead_at: datetime | None
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """What became of closed alerts of the same rule; `here` are those of the same unit."""

    right: int
    false: int
    unjudged: int
    right_here: int
    false_here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What comes with a step besides the step itself."""

    actor: str = ITSELF
    note: str = ""
    by_people: bool = False
    until: datetime | None = None
    assignee: str | None = None
    verdict: Verdict | None = None


async def lock(connection: AsyncConnection) -> None:
    """Let nobody else judge until this transaction ends."""
    await connection.execute(_SQL["lock"])


async def alerts_to_judge(connection: AsyncConnection, now: datetime) -> list[Alert]:
    """Return the open alerts and those closed in the last day."""
    cursor = connection.cursor(row_factory=kwargs_row(_alert))
    return await (await cursor.execute(_SQL["to_judge"], {"now": now})).fetchall()


async def read_alert(connection: AsyncConnection, id_: UUID) -> Alert:
    """Return one alert; raise NotFound."""
    cursor = connection.cursor(row_factory=kwargs_row(_alert))
    found = await (await cursor.execute(_SQL["alert"], {"id": id_})).fetchone()
    if found is None:
        raise NotFound("there is no such alert")
    return found


async def read_alerts(
    connection: AsyncConnection,
    *,
    states: Sequence[str] | None = None,
    severities: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    rule: str | None = None,
    before: datetime | None = None,
    after: datetime | None = None,
) -> list[Alert]:
    """Return at most MOST alerts, the newest change first."""
    cursor = connection.cursor(row_factory=kwargs_row(_alert))
    wanted = {
        "states": states,
        "severities": severities,
        "units": units,
        "rule": rule,
        "before": before,
        "after": after,
        "most": MOST,
    }
    return await (await cursor.execute(_SQL["alerts"], wanted)).fetchall()


async def read_steps(connection: AsyncConnection, id_: UUID) -> list[StepTaken]:
    """Return an alert's history."""
    cursor = connection.cursor(row_factory=class_row(StepTaken))
    return await (await cursor.execute(_SQL["steps"], {"id": id_})).fetchall()


async def read_messages(connection: AsyncConnection, id_: UUID) -> list[Message]:
    """Return what was told of an alert."""
    cursor = connection.cursor(row_factory=class_row(Message))
    return await (await cursor.execute(_SQL["messages"], {"id": id_})).fetchall()


async def read_similar(connection: AsyncConnection, alert: Alert) -> Similar:
    """Return what became of the same rule's closed alerts."""
    of = {"rule": alert.rule, "unit": alert.unit, "id": alert.id}
    row = await (await connection.execute(_SQL["similar"], of)).fetchone()
    assert row is not None
    return Similar(
        right=row[0], false=row[1], unjudged=row[2], right_here=row[3], false_here=row[4]
    )


async def require_account(connection: AsyncConnection, name: str) -> None:
    """Raise NotFound unless there is an account of this name that is not disabled."""
    if await (await connection.execute(_SQL["account"], {"name": name})).fetchone() is None:
        raise NotFound(f"there is no account {name!r}, or it is disabled")


async def send_again(
    connection: AsyncConnection, alert: UUID, message: UUID, now: datetime
) -> None:
    """Give a dead message another life; raise NotFound."""
    of = {"id": alert, "message": message, "now": now}
    if await (await connection.execute(_SQL["send_again"], of)).fetchone() is None:
        raise NotFound("the alert has no such message that was given up")


async def look_made(connection: AsyncConnection, rule: str, day: date) -> bool:
    """Return whether the look of this day has been made."""
    row = await (await connection.execute(_SQL["look_made"], {"rule": rule, "day": day})).fetchone()
    return row is not None and bool(row[0])


async def note_look(
    connection: AsyncConnection, rule: str, day: date, judged: int, now: datetime
) -> None:
    """Keep that the look of this day has been made."""
    values = {"rule": rule, "day": day, "judged": judged, "at": now}
    await connection.execute(_SQL["note_look"], values)


async def apply_moves(
    connection: AsyncConnection,
    moves: Iterable[Move],
    rules: Mapping[str, Rule],
    channels: Sequence[Channel],
    alerts: Mapping[UUID, Alert],
    now: datetime,
) -> int:
    """Take the steps that figures and time ask for; return how many."""
    count = 0
    for move in moves:
        rule = rules.get(move.rule)
        if move.alert is None:
            assert rule is not None  # only rules in force raise
            id_, severity = await _raise(connection, move, rule, now), rule.severity
            number = await _add_step(connection, id_, move.step, Taken(note=move.note), now)
        else:
            alert = alerts[move.alert]
            id_, severity = alert.id, alert.severity
            source = "" if rule is None else rule.source
            number = await advance(connection, alert, move, Taken(note=move.note), now, source)
        await _audit(connection, move, id_)
        await _tell(connection, id_, number, move, severity, rule, channels, now)
        count += 1
    return count


async def advance(
    connection: AsyncConnection,
    alert: Alert,
    move: Move,
    taken: Taken,
    now: datetime,
    source: str = "",
) -> int:
    """Take a step of an alert and return its number; raise Conflict where it cannot be taken."""
    row = await (await connection.execute(_SQL["hold"], {"id": alert.id})).fetchone()
    if row is None:
        raise NotFound("there is no such alert")
    state = follow(State(row[0]), move.step)
    figure = shown(move.figure, source)
    await connection.execute(
        _SQL["advance"],
        {
            "id": alert.id,
            "state": state,
            "step": move.step,
            "at": now,
            "by_people": taken.by_people,
            "until": taken.until,
            "assignee": taken.assignee,
            "verdict": taken.verdict,
            "subjects": list(move.subjects) or None,
            "value": None if figure is None else figure.value,
            "n": 0 if figure is None else figure.n,
            "observed_at": None if figure is None else figure.at,
        },
    )
    return await _add_step(connection, alert.id, move.step, taken, now)


def shown(figure: Figure | None, source: str) -> Figure | None:
    """Return what is kept of a figure: nothing of opinions and expressions but its time."""
    if figure is None or source not in SOURCES or not SOURCES[source].opinion:
        return figure
    return Figure(unit=figure.unit, value=None, n=0, at=figure.at)


async def _raise(connection: AsyncConnection, move: Move, rule: Rule, now: datetime) -> UUID:
    figure = shown(move.figure, rule.source)
    cursor = await connection.execute(
        _SQL["raise"],
        {
            "rule": rule.id,
            "rule_version": rule.version,
            "unit": move.unit,
            "severity": rule.severity,
            "at": now,
            "subjects": list(move.subjects),
            "value": None if figure is None else figure.value,
            "usual_low": None if figure is None else figure.usual_low,
            "usual_high": None if figure is None else figure.usual_high,
            "n": 0 if figure is None else figure.n,
            "observed_at": None if figure is None else figure.at,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return UUID(str(row[0]))


async def _add_step(
    connection: AsyncConnection, alert: UUID, step: Step, taken: Taken, now: datetime
) -> int:
    values = {"alert": alert, "step": step, "at": now, "actor": taken.actor, "note": taken.note}
    row = await (await connection.execute(_SQL["add_step"], values)).fetchone()
    assert row is not None
    return int(row[0])


async def _audit(connection: AsyncConnection, move: Move, id_: UUID) -> None:
    entry = Entry(
        at=datetime.now(UTC),
        actor=ITSELF,
        kind="system",
        action=Action.ALERT_STEP,
        subject=move.unit or "",
        details={"alert": str(id_), "rule": move.rule, "step": move.step},
    )
    await record(connection, entry)


async def _tell(
    connection: AsyncConnection,
    alert: UUID,
    number: int,
    move: Move,
    severity: Severity,
    rule: Rule | None,
    channels: Sequence[Channel],
    now: datetime,
) -> None:
    for channel in channels:
        if not told(channel, move, severity, rule):
            continue
        values = {
            "alert": alert,
            "step": number,
            "channel": channel.name,
            "at": now,
            "not_before": not_before(channel.quiet, severity, now),
        }
        await connection.execute(_SQL["add_message"], values)


def _alert(
    *,
    state: str,
    severity: str,
    verdict: str | None,
    subjects: list[str],
    **columns: Any,  # noqa: ANN401 - columns of a row
) -> Alert:
    return Alert(
        state=State(state),
        severity=Severity(severity),
        verdict=None if verdict is None else Verdict(verdict),
        subjects=tuple(subjects),
        **columns,
    )
