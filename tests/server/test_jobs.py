"""Nightly jobs run at night where the offices are; what a killed worker held is given back."""

from __future__ import annotations

from datetime import time

import psycopg
import pytest

from server.db.connection import session_conninfo
from server.jobs import create_app, nightly, release_left
from tests.coroutines import run


@pytest.mark.parametrize(
    ("local", "cron"),
    [(time(2, 30), "30 19 * * *"), (time(7), "0 0 * * *"), (time(23, 59), "59 16 * * *")],
)
def test_cron_line_of_a_local_time(local, cron):
    assert nightly(local) == cron


def test_each_app_has_tasks_of_its_own():
    url = "postgresql://nobody@127.0.0.1:1/none"
    first, second = create_app(url), create_app(url)
    first.task(name="mine")(lambda: None)
    assert "mine" in first.tasks
    assert "mine" not in second.tasks


DOING = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status)"
    " VALUES ('alerts', 'send', %s, 'doing') RETURNING id"
)
WAITING = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status)"
    " VALUES ('alerts', 'send', %s, %s, %s) RETURNING id"
)


@pytest.mark.integration
def test_a_lock_that_a_killed_worker_held_is_free_again(database_url):
    """Jobs that count as being done by a worker that nobody hears."""
    with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:

        def made(*values: object, statement: str = WAITING) -> int:
            (number,) = connection.execute(statement, values).fetchone()
            return number

        alone = made("a", None, "doing")
        overtaken, next_one = made("b", "b", "doing"), made("b", "b", "todo")
        unlocked = made(None, statement=DOING)

        async def release() -> int:
            app = create_app(database_url)
            async with app.open_async():
                return await release_left(app)

        assert run(release()) == 2
        assert run(release()) == 0
        rows = connection.execute("SELECT id, status FROM procrastinate_jobs ORDER BY id")
        found = dict(rows.fetchall())
        assert found == {alone: "todo", next_one: "todo", unlocked: "doing"}
        assert overtaken not in found
