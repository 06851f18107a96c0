"""A history in the database: its totals are those of its messages, and it says what it is."""

from __future__ import annotations

from datetime import date

import pytest

from motcua.history.loading import Plan, has_history, load, load_records
from motcua.history.places import draw_province
from motcua.history.truths import ALL_AT_ONCE, draw_truths
from server.db.connection import async_session, session
from server.facts.verification import verify_days, verify_levels
from server.units.store import read_tree
from tests.coroutines import run
from tests.server.asking import ask

pytestmark = pytest.mark.integration

PLACE = draw_province(3, 0.03)
TRUTHS = draw_truths(PLACE, ALL_AT_ONCE, 3)
PLAN = Plan(first=date(2026, 9, 28), end=date(2026, 10, 12), raw_from=date(2026, 10, 5), seed=3)


def test_totals_are_those_of_the_messages_and_older_days_are_said_to_have_none(database_url):
    with session(database_url) as connection:
        *_, last = load(connection, PLACE, TRUTHS, PLAN)
        assert last.days == last.of_days == 12
        days = list(verify_days(connection, repair=False))
        assert [day.day for day in days if not day.kept] == [
            date(2026, 9, 28 + n) if n < 3 else date(2026, 10, n - 2) for n in range(6)
        ]
        assert all(day.differences == () for day in days)
        assert sum(day.hours for day in days) > 100
        assert verify_levels(connection, repair=False) == ()
        assert has_history(connection)
    tree = ask(database_url, lambda connection: read_tree(connection, PLAN.end))
    assert all(unit.simulated for unit in tree.units.values())


def test_dossiers_go_the_way_of_every_other_record(database_url):
    with session(database_url) as connection:
        list(load(connection, PLACE, TRUTHS, PLAN))

    async def store() -> list[int]:
        async with async_session(database_url) as connection:
            return [n async for n in load_records(connection, PLACE, TRUTHS, PLAN, share=0.2)]

    stored = run(store())[-1]
    with session(database_url) as connection:
        counted, ended = connection.execute(
            "SELECT count(*), count(ended_at) FROM dossier"
        ).fetchone()
    assert counted == stored
    assert 0 < ended < counted
    assert stored > 100
