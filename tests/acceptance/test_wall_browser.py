"""From a unit's message to the wall's pixels: every process real, nothing between them replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.db.connection import connect
from tests.processes import Motcua, free_port, motcua
from tests.server import build
from tests.server.publisher import Publisher, publisher
from tests.waiting import eventually

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.browser,
    pytest.mark.integration,
    pytest.mark.usefixtures("today"),
]

TAPS = 4  # with the first one five: six within a minute were doubtful
CUT_OFF_WITHIN_MS = 20_000
HEALED_WITHIN_MS = 60_000
STALL_NOTICED_WITHIN_MS = 40_000
NOTE_STEPS_BACK = """() => {
  let latest = 0;
  window.stepsBack = [];
  setInterval(() => {
    const now = motcua.serverNowMs();
    if (now < latest - 1000) stepsBack.push(latest - now);
    latest = Math.max(latest, now);
    if (!document.documentElement.hasAttribute("data-cut-off")) window.healed = true;
  }, 100);
}"""
"""Keeps the wall's steps back in time, in ms, and whether it was ever not cut off."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """The command centre's processes, and a unit that publishes to them."""

    unit: Publisher
    api: Motcua
    wall: str


@pytest.fixture
def centre(database_url: str, broker_url: str, tmp_path: Path) -> Iterator[Command]:
    api_port, port = free_port(), free_port()
    api_url = f"http://127.0.0.1:{api_port}"
    store = ("--database-url", database_url)
    with connect(database_url, autocommit=True) as connection:
        # Units that a message names first stand on no wall before somebody accepts them.
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en, accepted)"
            " VALUES (%(id)s, %(id)s, %(id)s, true)",
            {"id": build.HERE.unit},
        )
    with ExitStack() as stack:

        def start(name: str, *args: str) -> Motcua:
            return stack.enter_context(motcua(*args, log=tmp_path / f"{name}.log"))

        ingest = start("ingest", "server", "ingest", *store, "--broker", broker_url)
        api = start("api", "server", "api", "--trial", *store, "--port", str(api_port))
        screens = start(
            "dashboards", "dashboards", "--trial", "--api-url", api_url, "--port", str(port)
        )
        eventually(lambda: "broker_connected" in ingest.output(), 60, what="ingest")
        eventually(lambda: "api_link_up" in screens.output(), 60, what="the dashboards")
        unit = stack.enter_context(publisher(broker_url))
        yield Command(unit=unit, api=api, wall=f"http://127.0.0.1:{port}/wall?scenes=now")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The wall's screen."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    yield context.new_page()
    context.close()


def rate(centre: Command, score: int = 5) -> None:
    centre.unit.send(build.rating(datetime.now(UTC), score))


def ratings(page: Page, count: int, *, timeout_ms: float = 30_000) -> None:
    note = page.locator('[data-tile="satisfied"] .note').first
    expect(note).to_have_text(f"n = {count}/30", timeout=timeout_ms)


def test_each_rating_reaches_the_wall(centre: Command, page: Page) -> None:
    """How fast is measured by `tests/bench/tap_to_wall.py`, not by a test on a busy machine."""
    rate(centre)
    page.goto(centre.wall)
    ratings(page, 1, timeout_ms=60_000)
    for count in range(2, TAPS + 2):
        rate(centre)
        ratings(page, count)


def test_the_wall_survives_the_apis_death(centre: Command, page: Page) -> None:
    rate(centre)
    page.goto(centre.wall)
    ratings(page, 1, timeout_ms=60_000)
    centre.api.kill()
    expect(page.locator("#cut-off")).to_be_visible(timeout=CUT_OFF_WITHIN_MS)
    rate(centre)
    ratings(page, 1)
    centre.api.start()
    expect(page.locator("#cut-off")).to_be_hidden(timeout=HEALED_WITHIN_MS)
    ratings(page, 2)


def test_a_stalled_database_cuts_the_wall_off_and_never_turns_it_back(
    centre: Command, page: Page, database_url: str
) -> None:
    rate(centre)
    page.goto(centre.wall)
    ratings(page, 1, timeout_ms=60_000)
    page.evaluate(NOTE_STEPS_BACK)
    with connect(database_url) as lock:
        lock.execute("LOCK TABLE device IN ACCESS EXCLUSIVE MODE")
        expect(page.locator("#cut-off")).to_be_visible(timeout=STALL_NOTICED_WITHIN_MS)
        page.evaluate("() => { window.healed = false; }")
        # Long enough for links made anew, each of which once brought an old snapshot.
        expect(page.locator("#cut-off .elapsed")).to_have_text(
            re.compile("00:3[5-9]|00:[45]"), timeout=STALL_NOTICED_WITHIN_MS
        )
        assert page.evaluate("() => [window.healed, window.stepsBack]") == [False, []]
        lock.rollback()
    expect(page.locator("#cut-off")).to_be_hidden(timeout=HEALED_WITHIN_MS)
    rate(centre)
    ratings(page, 2)
    assert page.evaluate("() => window.stepsBack") == []
