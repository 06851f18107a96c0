"""A wall that stays for weeks, on a computer whose clock is wrong, in a browser that is zoomed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.push.test_scenes_browser import PROBLEMS, open_scene
from tests.dashboards.stand_in import Served, StandInApi

pytestmark = pytest.mark.browser

TURNS_OF_A_MONTH = 30 * 24 * 3600 // 25
TURNS = 600
MOST_GROWTH_BYTES = 64_000_000
"""What a month may add to the page's memory."""


def test_a_clock_that_is_a_day_off_changes_neither_ages_nor_the_time_shown(
    browser: Browser, dashboards: Served, api: StandInApi
) -> None:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.add_init_script(
        "const wrong = class extends Date {"
        "  constructor(...given) { if (given.length) super(...given); else super(wrong.now()); }"
        "  static now() { return super.now() - 86400000; } };"
        "window.Date = wrong;"
    )
    page = context.new_page()
    page.goto(f"{dashboards.url}/wall?scenes=now&turn=120")
    devices = page.locator('[data-tile="devices"]')
    expect(devices).to_have_attribute("data-state", "fresh")
    expect(devices.locator(".age")).to_contain_text("giây")
    shown = f"{api.now():%d/%m/%Y}"
    assert page.evaluate("new Date().toLocaleDateString('en-GB')") != shown
    expect(page.locator(".date")).to_contain_text("/")
    context.close()


def test_a_month_of_turning_scenes_leaves_nothing_behind(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.catalogue = CATALOGUE
    kept: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: kept.append(str(f))))
    for scene in ("map", "unit", "now"):
        open_scene(page, dashboards, scene)
    pages = [text for text in kept if '"kind":"whole"' in text[:40]]
    assert len(pages) >= 3

    def turn(times: int) -> tuple[int, int]:
        """Draw the scenes in turn; return the page's bytes and its elements."""
        page.evaluate(
            "([texts, times]) => { for (let at = 0; at < times; at++)"
            " motcua.draw(JSON.parse(texts[at % texts.length])); }",
            [pages, times],
        )
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.collectGarbage")
        told = session.send("Runtime.getHeapUsage")["usedSize"]
        session.detach()
        return int(told), page.locator("*").count()

    turn(60)
    before, elements = turn(len(pages))
    after, left = turn(TURNS // len(pages) * len(pages))
    assert left == elements
    assert (after - before) / TURNS * TURNS_OF_A_MONTH < MOST_GROWTH_BYTES


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_a_zoomed_wall_still_shows_everything(
    browser: Browser, dashboards: Served, api: StandInApi, zoom: float
) -> None:
    api.catalogue = CATALOGUE
    size = {"width": round(1920 / zoom), "height": round(1080 / zoom)}
    context = browser.new_context(viewport=size, device_scale_factor=zoom)
    page = context.new_page()
    for scene in ("now", "dossiers"):
        open_scene(page, dashboards, scene)
        assert page.evaluate(PROBLEMS) == [], scene
    context.close()
