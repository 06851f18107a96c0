"""The command `motcua simulate history`."""

from __future__ import annotations

import time
from asyncio import run
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from motcua.history.truths import ALL_AT_ONCE, Scenario, Truths
from server.options import database_option

if TYPE_CHECKING:
    from motcua.history.loading import Plan
    from motcua.history.places import HistoricProvince

DAYS_A_YEAR = 365


@click.command("history")
@click.option("--years", type=click.FloatRange(0.02, 5), default=1.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--scale",
    type=click.FloatRange(0.01, 1),
    default=1.0,
    show_default=True,
    help="Part of a whole province: 113 units, 600 counters, 900 officers.",
)
@click.option(
    "--raw-days",
    type=click.IntRange(0, 366),
    default=92,
    show_default=True,
    help="The last days that keep their messages; older ones have totals alone.",
)
@click.option(
    "--scenario",
    "scenarios",
    type=click.Choice(Scenario),
    multiple=True,
    help="Plant this truth, several times several; without any, those of a whole province.",
)
@click.option(
    "--dossiers",
    "share",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Part of the dossiers that a real province would have.",
)
@click.option("--once", is_flag=True, help="Do nothing where a simulated history stands already.")
@database_option
def command(
    years: float,
    seed: int,
    scale: float,
    raw_days: int,
    scenarios: tuple[Scenario, ...],
    share: float,
    database_url: str,
    *,
    once: bool,
) -> None:
    """Fill a database with a simulated province that has a history up to yesterday.

    The same seed gives the same places, people and planted truths. Units are marked as simulated.
    """
    from motcua.history.loading import Plan, has_history, load
    from motcua.history.places import draw_province
    from motcua.history.truths import draw_truths
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.periods import today

    started_s = time.monotonic()
    end = today(datetime.now(UTC))
    plan = Plan(
        first=end - timedelta(days=round(years * DAYS_A_YEAR)),
        end=end,
        raw_from=end - timedelta(days=raw_days),
        seed=seed,
    )
    place = draw_province(seed, scale)
    truths = draw_truths(place, scenarios or ALL_AT_ONCE, seed)
    with session(database_url) as connection:
        require_current(connection)
        if once and has_history(connection):
            click.echo("A simulated history stands already.")
            return
        for progress in load(connection, place, truths, plan):
            click.echo(
                f"\r{progress.days} of {progress.of_days} days, {progress.people:,} people",
                nl=False,
                err=True,
            )
    stored = run(_load_records(database_url, place, truths, plan, share))
    click.echo("", err=True)
    click.echo(
        f"{len(place.units)} units, {len(place.counters)} counters, {len(place.officers)} "
        f"officers, {progress.people:,} people and {stored:,} dossiers in {progress.of_days} days, "
        f"loaded in {time.monotonic() - started_s:.0f} s."
    )


async def _load_records(
    database_url: str, place: HistoricProvince, truths: Truths, plan: Plan, share: float
) -> int:
    from psycopg import AsyncConnection

    from motcua.history.loading import load_records
    from server.db.connection import session_conninfo

    stored = 0
    where = session_conninfo(database_url)
    async with await AsyncConnection.connect(where, autocommit=True) as connection:
        async for stored in load_records(connection, place, truths, plan, share=share):
            click.echo(f"\r{stored:,} dossiers", nl=False, err=True)
    return stored
