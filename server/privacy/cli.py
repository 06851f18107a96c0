"""`motcua privacy`: requests about personal data, breaches, and one officer's data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.options import database_option

if TYPE_CHECKING:
    from datetime import datetime

_KINDS = ("access", "correct", "erase", "restrict", "object", "complain")
_MINUTES = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])


@click.group("privacy")
def command() -> None:
    """Personal data: requests, breaches, one officer's data."""


@command.command("request")
@click.argument("about")
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="What is asked for.")
@click.option("--channel", default="counter", show_default=True, help="How it came.")
@click.option("--received", type=_MINUTES, default=None, help="Local time. [default: now]")
@database_option
def request_command(
    about: str, kind: str, channel: str, received: datetime | None, database_url: str
) -> None:
    """Note a request ABOUT somebody's data, and say until when it has to be acknowledged."""
    from psycopg import AsyncConnection

    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.calendars.store import read_calendars
    from server.db.commands import run_once
    from server.privacy.store import RequestKind, add_request

    async def work(connection: AsyncConnection) -> tuple[int, datetime]:
        number, until = await add_request(
            connection,
            (await read_calendars(connection)).of(""),
            kind=RequestKind(kind),
            about=about,
            channel=channel,
            received_at=_local(received),
        )
        await record(
            connection, command_entry(Action.PRIVACY_REQUEST_NOTED, str(number), kind=kind)
        )
        return number, until

    number, until = run_once(database_url, work)
    click.echo(f"request {number}: acknowledge by {_said(until)}")


@command.command("requests")
@database_option
def requests_command(database_url: str) -> None:
    """List the requests, what waits longest first; late ones are marked with !."""
    from datetime import UTC, datetime

    from server.db.commands import run_once
    from server.privacy.store import list_requests

    now = datetime.now(UTC)
    for each in run_once(database_url, list_requests):
        if each.closed_at is not None:
            state = f"closed {_said(each.closed_at)}: {each.outcome}"
        elif each.acknowledged_at is not None:
            state = f"acknowledged {_said(each.acknowledged_at)}"
        else:
            state = f"acknowledge by {_said(each.acknowledge_by)}"
        mark = "!" if each.is_late(now) else " "
        click.echo(f"{mark} {each.id:5} {each.kind:9} {each.about}  {state}")


@command.command("acknowledge")
@click.argument("number", type=int)
@database_option
def acknowledge_command(number: int, database_url: str) -> None:
    """Note that the person of request NUMBER was told that it has come."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.privacy.store import acknowledge_request

    async def work(connection: AsyncConnection) -> None:
        await acknowledge_request(connection, number=number, now=datetime.now(UTC))
        await note_command(connection, Action.PRIVACY_REQUEST_ACKNOWLEDGED, str(number))

    run_once(database_url, work)
    click.echo(f"request {number} is acknowledged.")


@command.command("close")
@click.argument("number", type=int)
@click.option("--outcome", required=True, help="What came of it, in a sentence.")
@database_option
def close_command(number: int, outcome: str, database_url: str) -> None:
    """Note what came of request NUMBER."""
    from datetime import UTC, datetime

    from psycopg import AsyncConnection

    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.privacy.store import close_request

    async def work(connection: AsyncConnection) -> None:
        await close_request(connection, number=number, outcome=outcome, now=datetime.now(UTC))
        await note_command(connection, Action.PRIVACY_REQUEST_CLOSED, str(number))

    run_once(database_url, work)
    click.echo(f"request {number} is closed.")


@command.command("breach")
@click.option("--what", required=True, help="What happened.")
@click.option("--whose", required=True, help="Whose data, and about how many people.")
@click.option("--measures", required=True, help="What was done about it.")
@click.option("--found", type=_MINUTES, default=None, help="Local time. [default: now]")
@database_option
def breach_command(
    what: str, whose: str, measures: str, found: datetime | None, database_url: str
) -> None:
    """Note a breach, and say until when the authority has to be told."""
    from psycopg import AsyncConnection

    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once
    from server.privacy.store import add_breach

    async def work(connection: AsyncConnection) -> tuple[int, datetime]:
        number, until = await add_breach(
            connection, found_at=_local(found), what=what, whose=whose, measures=measures
        )
        await record(connection, command_entry(Action.PRIVACY_BREACH_NOTED, str(number)))
        return number, until

    number, until = run_once(database_url, work)
    click.echo(f"breach {number}: tell the authority by {_said(until)}")


@command.command("breaches")
@click.option("--notified", type=int, default=None, help="The authority was told of this one now.")
@database_option
def breaches_command(notified: int | None, database_url: str) -> None:
    """List the breaches, the newest first; late ones are marked with !."""
    from datetime import UTC, datetime
    from functools import partial

    from psycopg import AsyncConnection

    from server.audit.commands import note_command
    from server.audit.entries import Action
    from server.db.commands import run_once
    from server.privacy.store import list_breaches, notify_breach

    now = datetime.now(UTC)

    async def notify(connection: AsyncConnection, number: int) -> None:
        await notify_breach(connection, number=number, now=now)
        await note_command(connection, Action.PRIVACY_BREACH_NOTIFIED, str(number))

    if notified is not None:
        run_once(database_url, partial(notify, number=notified))
    for each in run_once(database_url, list_breaches):
        told = "not told" if each.notified_at is None else f"told {_said(each.notified_at)}"
        mark = "!" if each.is_late(now) else " "
        until = _said(each.notify_by)
        click.echo(f"{mark} {each.id:5} {_said(each.found_at)}  {told}, by {until}  {each.what}")


@command.command("export-officer")
@click.argument("code")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
def export_command(code: str, file: Path, database_url: str) -> None:
    """Write everything that names the officer CODE to FILE, as JSON."""
    import json

    from psycopg import AsyncConnection

    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once
    from server.privacy.store import officer_rows

    async def work(connection: AsyncConnection) -> dict[str, list[object]]:
        found = await officer_rows(connection, code.upper())
        await record(connection, command_entry(Action.OFFICER_EXPORTED, code.upper()))
        return found

    found = run_once(database_url, work)
    file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{sum(map(len, found.values()))} rows of {len(found)} tables written to {file}.")


@command.command("erase-officer")
@click.argument("code")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
def erase_command(code: str, yes: bool, database_url: str) -> None:
    """Remove the officer CODE: the name goes, and a code that says nothing takes its place."""
    from psycopg import AsyncConnection

    from server.audit.commands import command_entry
    from server.audit.entries import Action
    from server.audit.store import record
    from server.db.commands import run_once
    from server.privacy.store import erase_officer

    if not yes:
        click.confirm(f"Nobody can undo this. Erase officer {code}?", abort=True)

    async def work(connection: AsyncConnection) -> int:
        _, rows = await erase_officer(connection, code.upper())
        # Which code took the place is noted nowhere: it would undo the erasure.
        await record(connection, command_entry(Action.OFFICER_ERASED, code.upper(), rows=rows))
        return rows

    click.echo(f"{run_once(database_url, work)} rows no longer name {code}.")


def _local(given: datetime | None) -> datetime:
    from datetime import UTC, datetime

    from contract.local_time import LOCAL_TIME

    return datetime.now(UTC) if given is None else given.replace(tzinfo=LOCAL_TIME)


def _said(at: datetime) -> str:
    from contract.local_time import LOCAL_TIME

    return f"{at.astimezone(LOCAL_TIME):%d/%m/%Y %H:%M}"
