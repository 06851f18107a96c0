"""`motcua report rankings`: who stands where, as a table of text or as a report's file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.options import database_option, use_one_thread_for_matrices
from server.reports.files import FORMATS, language_option, output_option, write_report

if TYPE_CHECKING:
    from server.rankings.answers import Ranking
    from server.rankings.material import RankingQuestion
    from server.rankings.tables import Row


@click.command("rankings")
@click.option("--period", default="month", show_default=True, help="2026-10, 2026-Q3, 2026, …")
@click.option("--kpi", default="share_satisfied", show_default=True)
@click.option(
    "--by",
    type=click.Choice(["unit", "counter", "procedure"]),
    default="unit",
    show_default=True,
    help="What is ranked.",
)
@click.option("--scope", default="province", show_default=True, help="Or subtree:UNIT.")
@click.option("--compare", is_flag=True, help="Also how each changed since the period before.")
@click.option("--scheme", help="In a file also classes by it, for instance qd766-2022.")
@click.option(
    "--format",
    "written",
    type=click.Choice(["text", *FORMATS]),
    default="text",
    show_default=True,
    help="text prints a table here; the others are a report's file.",
)
@language_option
@output_option
@database_option
def rankings_command(
    period: str,
    kpi: str,
    by: str,
    scope: str,
    compare: bool,
    scheme: str | None,
    written: str,
    lang: str,
    output: Path | None,
    database_url: str,
) -> None:
    """Tell who stands where within each kind, with 90 % ranges of ranks."""
    use_one_thread_for_matrices()
    if written != "text":
        asked = {
            "period": period,
            "kpi": kpi,
            "by": by,
            "scope": scope,
            "scheme": scheme,
            "compare": compare,
        }
        write_report(
            "rankings",
            written=written,
            lang=lang,
            output=output,
            database_url=database_url,
            **asked,
        )
        return
    from server.db.connection import session
    from server.db.migrations import require_current
    from server.periods import Period
    from server.rankings.material import RankingQuestion
    from server.rankings.measures import Ranked
    from server.scopes import Scope

    with session(database_url) as connection:
        require_current(connection)
    now = datetime.now(UTC)
    question = RankingQuestion(
        kpi=kpi, period=Period.parse(period, now), by=Ranked(by), scope=Scope.parse(scope)
    )
    ranking = asyncio.run(_rank(database_url, question, now))
    for line in _lines(ranking):
        click.echo(line)


async def _rank(database_url: str, question: RankingQuestion, now: datetime) -> Ranking:
    from server.db.connection import async_session
    from server.rankings.answers import Ranking, ranked_kinds
    from server.rankings.material import rank
    from server.rankings.store import read_material

    # Nobody waits at a screen: what is not kept yet is counted, however long that takes.
    async with async_session(database_url) as connection, connection.transaction():
        material = await read_material(connection, question, now, patient=True)
    tables = await rank(material)
    return Ranking(
        computed_at=now,
        kpi=question.kpi,
        period=str(question.period),
        by=question.by,
        running=question.period.is_running(now),
        kinds=ranked_kinds(tables),
    )


def _lines(ranking: Ranking) -> Iterator[str]:
    running = ", still running" if ranking.running else ""
    yield f"{ranking.kpi}, {ranking.period}{running}: share, 95 % interval, n; rank, 90 % range"
    for kind in ranking.kinds:
        level = "" if kind.level is None else f", together {kind.level:.1%}"
        yield f"\n{kind.kind}{level}"
        for row in sorted(kind.rows, key=_order):
            yield f"  {row.member:32} {_share(row):28} {_place(row)}".rstrip()


def _order(row: Row) -> tuple[float, int]:
    return (row.rank.median if row.rank else float("inf"), -row.n)


def _share(row: Row) -> str:
    if row.estimate is None:
        return f"n = {row.n}: too few"
    found = row.estimate
    return f"{found.value:.1%} ({found.low:.1%}-{found.high:.1%}) {row.n}"


def _place(row: Row) -> str:
    if row.rank is None:
        return "not ranked"
    marks = [f"group {row.group}"]
    marks += ["differs"] if row.flagged else []
    marks += [f"{row.suspect_n} suspect"] if row.suspect_n else []
    return f"{row.rank.median} ({row.rank.low}-{row.rank.high}) " + ", ".join(marks)
