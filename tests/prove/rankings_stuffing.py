"""Ballots that are stuffed are marked, and lift nobody: through the database, as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg

from motcua.local.postgres import run_postgres
from server.db.connection import async_session, session
from server.db.migrations import migrate
from server.periods import Period
from server.rankings.material import RankingQuestion, rank
from server.rankings.store import read_material
from server.rankings.tables import Table
from tests.coroutines import run
from tests.prove.proofs import STATISTICS, Proof
from tests.prove.shares import written

UNITS, HOURS, RATINGS_AN_HOUR = 6, 30, 10
BURSTS, BURST = 3, 25
SHARE, STUFFED_SHARE = 0.88, 0.78
FIRST = datetime(2026, 9, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 10, 10, tzinfo=UTC)

_RATED = (
    "COPY rating_hourly (unit, counter, hour, officer, family, score_1, score_2, score_3, score_4,"
    " score_5, newest) FROM STDIN"
)
_VISITED = "COPY visit_hourly (unit, counter, hour, officer, family, visits, newest) FROM STDIN"


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Draw `scale` groups of units of which one stuffs; compare its rank with that without it."""
    random = np.random.default_rng(seed)
    with run_postgres(folder / "pg") as server:
        with session(server.url) as connection:
            migrate(connection)
            _draw_honest(connection, scale, random)
        honest = run(_tables(server.url))
        with session(server.url) as connection:
            _stuff(connection, scale)
        stuffed = run(_tables(server.url))
    marked = unmarked = moved = lifted = 0
    for kind, before in honest.items():
        for one, other in zip(before.rows, stuffed[kind].rows, strict=True):
            stuffs = one.member.endswith("-0")
            marked += stuffs and other.suspect_n >= BURSTS * BURST
            unmarked += not stuffs and other.suspect_n == 0
            assert one.rank is not None
            assert other.rank is not None
            moved += one.rank != other.rank
            lifted += stuffs and other.rank.median < one.rank.median
    assert marked == scale, f"stuffing is marked in {written(marked, scale)}"
    assert unmarked == scale * (UNITS - 1), "an honest unit is marked"
    assert lifted == 0, f"stuffing lifts in {written(lifted, scale)}"
    assert moved == 0, f"ranks that stuffing moves: {moved}"
    return {
        "groups, units in each": f"{scale}, {UNITS}",
        "ratings of a unit, stuffed ones": f"{HOURS * RATINGS_AN_HOUR}, {BURSTS * BURST}",
        "units that stuff and are marked": written(marked, scale),
        "honest units that are not marked": written(unmarked, scale * (UNITS - 1)),
        "ranks of any unit that stuffing moves": written(moved, scale * UNITS),
    }


async def _tables(database_url: str) -> dict[str, Table]:
    question = RankingQuestion(kpi="share_satisfied", period=Period.parse("2026-09", LATER))
    async with async_session(database_url) as connection, connection.transaction():
        material = await read_material(connection, question, LATER, patient=True)
    return await rank(material)


def _draw_honest(connection: psycopg.Connection, scale: int, random: np.random.Generator) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy("COPY unit (id, kind, name_vi, name_en, accepted) FROM STDIN") as copy:
            for unit, kind in _units(scale):
                copy.write_row((unit, kind, unit, unit, True))
        rated = []
        for unit, _ in _units(scale):
            share = STUFFED_SHARE if unit.endswith("-0") else SHARE
            satisfied = random.binomial(RATINGS_AN_HOUR, share, HOURS)
            rated += [(unit, hour, int(k)) for hour, k in enumerate(satisfied)]
        with cursor.copy(_RATED) as copy:
            for unit, hour, k in rated:
                at = _hour(hour)
                scores = (RATINGS_AN_HOUR - k, 0, 0, 0, k)
                copy.write_row((unit, "quay-1", at, "", "", *scores, at))
        with cursor.copy(_VISITED) as copy:
            for unit, hour, _ in rated:
                visits = RATINGS_AN_HOUR + int(random.poisson(8))
                copy.write_row((unit, "quay-1", _hour(hour), "", "", visits, _hour(hour)))


def _stuff(connection: psycopg.Connection, scale: int) -> None:
    """Give each group's first unit bursts of fives in hours in which hardly anybody was served."""
    stuffing = [unit for unit, _ in _units(scale) if unit.endswith("-0")]
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(_RATED) as copy:
            for unit in stuffing:
                for burst in range(BURSTS):
                    at = _hour(HOURS + burst)
                    copy.write_row((unit, "quay-1", at, "", "", 0, 0, 0, 0, BURST, at))
        with cursor.copy(_VISITED) as copy:
            for unit in stuffing:
                for burst in range(BURSTS):
                    at = _hour(HOURS + burst)
                    copy.write_row((unit, "quay-1", at, "", "", 2, at))


def _units(scale: int) -> Iterator[tuple[str, str]]:
    for group in range(scale):
        for number in range(UNITS):
            yield f"unit-{group}-{number}", f"group-{group}"


def _hour(number: int) -> datetime:
    day, hour = divmod(number, 8)
    return FIRST + timedelta(days=day, hours=hour)


PROOF = Proof(
    claim=(
        "Groups of six units with 300 ratings each; one of them, ten points below, also gives "
        "itself 75 fives in three bursts. Ranks are those without the bursts, to the last digit."
    ),
    # Not this module: it imports the whole database, of which the claim says nothing.
    sources=(
        "server/rankings/cells.sql",
        "server/rankings/counted.py",
        "server/rankings/tables.py",
    ),
    measure=measure,
    small=5,
    full=400,
    page=STATISTICS,
)
