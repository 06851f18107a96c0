"""`motcua alerts`: what a rule would have raised."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contract.local_time import LOCAL_TIME
from server.options import database_option

if TYPE_CHECKING:
    from server.alerts.backtests import WouldRaise


@click.group("alerts")
def command() -> None:
    """Alerts: try a rule on the past."""


@command.command("backtest")
@click.argument("rule", metavar="RULE|FILE.toml")
@click.option(
    "--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The first day."
)
@click.option(
    "--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day."
)
@database_option
def backtest_command(rule: str, first: datetime, last: datetime, database_url: str) -> None:
    """Tell what RULE would have raised, with dates: the id of one in force, or a TOML file."""
    from psycopg import AsyncConnection

    from server.alerts.library import parse_rule
    from server.alerts.rule_store import read_rule
    from server.alerts.trying import IN_TERMINAL_S, Trial, try_rule
    from server.db.commands import run_once

    file = Path(rule)
    own = parse_rule(file.read_text(encoding="utf-8"), rule) if file.suffix == ".toml" else None

    async def work(connection: AsyncConnection) -> Trial:
        wanted = own or await read_rule(connection, rule)
        now, days = datetime.now(UTC), (first.date(), last.date())
        return await try_rule(connection, wanted, *days, now, IN_TERMINAL_S)

    found = run_once(database_url, work)
    for each in found.raised:
        begun = _when(each.raised_on, each.raised_at)
        click.echo(f"{begun}  {each.unit or 'the whole province'}  {_until(each)}")
    if found.days_unknown:
        click.echo(f"Nothing to try it on is kept of {found.days_unknown} worked days.", err=True)
    count, weeks = len(found.raised), ((last - first).days + 1) / 7
    click.echo(f"{count} alerts in {weeks:.1f} weeks: {count / weeks:.2f} a week.")


def _until(raised: WouldRaise) -> str:
    if raised.ended_on is None:
        return "lasts"
    return f"until {_when(raised.ended_on, raised.ended_at)}"


def _when(on: date, at: datetime | None) -> str:
    return f"{on}" if at is None else f"{at.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
