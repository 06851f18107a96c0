"""Nightly jobs run at night where the offices are, though cron lines are in UTC."""

from __future__ import annotations

from datetime import time

import pytest

from server.jobs import create_app, nightly


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
