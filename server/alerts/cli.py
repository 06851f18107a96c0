"""`motcua alerts`: what a rule would have raised."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from server.options import database_option


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

    from server.alerts.backtests import WouldRaise
    from server.alerts.library import parse_rule
    from server.alerts.rule_store import read_rule
    from server.alerts.trying import try_rule
    from server.db.commands import run_once

    file = Path(rule)
    own = parse_rule(file.read_text(encoding="utf-8"), rule) if file.suffix == ".toml" else None

    async def work(connection: AsyncConnection) -> tuple[WouldRaise, ...]:
        wanted = own or await read_rule(connection, rule)
        return await try_rule(connection, wanted, first.date(), last.date())

    found = run_once(database_url, work)
    for each in found:
        click.echo(f"{each.raised_on}  {each.unit}  {_until(each.ended_on)}")
    weeks = ((last - first).days + 1) / 7
    click.echo(f"{len(found)} alerts in {weeks:.1f} weeks: {len(found) / weeks:.2f} a week.")


def _until(ended_on: date | None) -> str:
    return "lasts" if ended_on is None else f"until {ended_on}"
