"""The command `motcua simulate history`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import click

from motcua.history.truths import ALL_AT_ONCE, Scenario
from server.options import database_option

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
@click.option("--once", is_flag=True, help="Do nothing where a simulated history stands already.")
@database_option
def command(
    years: float,
    seed: int,
    scale: float,
    raw_days: int,
    scenarios: tuple[Scenario, ...],
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
    click.echo("", err=True)
    click.echo(
        f"{len(place.units)} units, {len(place.counters)} counters, {len(place.officers)} "
        f"officers, {progress.people:,} people in {progress.of_days} days, loaded in "
        f"{time.monotonic() - started_s:.0f} s."
    )
