"""The wall in a real browser: what changes, what is old, what is lost, and how it heals."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from tests.dashboards.examples import aged, example, many_units, province, silent, situation
from tests.dashboards.stand_in import Served, StandInApi, served

pytestmark = pytest.mark.browser

BAND_WITHIN_MS = 20_000
HEALED_WITHIN_MS = 60_000
MOST_SCRIPT_BYTES = 800_000


def open_wall(page: Page, dashboards: Served, query: str = "scenes=now&turn=120") -> None:
    page.goto(f"{dashboards.url}/wall?{query}")
    expect(page.locator(".tile").first).to_be_visible()


def test_what_the_api_publishes_changes_the_numbers(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    api.publish(situation(many_units(1), head=province(ratings=4321, waiting=19)))
    expect(page.locator('[data-tile="satisfied"] .note').first).to_contain_text("n = 4.321")
    expect(page.locator('[data-tile="waiting"] .figure')).to_have_text("19")


def test_scenes_turn_by_themselves(page: Page, dashboards: Served) -> None:
    open_wall(page, dashboards, "scenes=now,fleet&turn=3")
    for scene in (".scene-now", ".scene-fleet", ".scene-now"):
        expect(page.locator(scene)).to_be_visible()


def test_old_tiles_are_grey_and_lost_ones_say_so_and_their_age_counts_on(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    tile = page.locator('[data-tile="devices"]')
    expect(tile).to_have_attribute("data-state", "fresh")
    api.publish(situation(many_units(2), head=aged(province(), timedelta(seconds=35))))
    expect(tile).to_have_attribute("data-state", "old")
    expect(tile.locator(".lost")).to_be_hidden()
    lost = timedelta(minutes=2, seconds=55)
    api.publish(situation(many_units(2), head=aged(province(), lost)))
    expect(tile).to_have_attribute("data-state", "lost")
    expect(tile.locator(".lost")).to_have_text("MẤT KẾT NỐI")
    expect(tile.locator(".age")).to_have_text("2 phút")
    expect(tile.locator(".age")).to_have_text("3 phút")
    api.publish(situation(many_units(2)))
    expect(tile).to_have_attribute("data-state", "fresh")


def test_without_any_data_nothing_is_claimed(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.publish(situation((), head=silent(province())))
    open_wall(page, dashboards)
    expect(page.locator('[data-tile="waiting"]')).to_contain_text("không có dữ liệu")
    expect(page.locator('[data-tile="waiting"] .age')).to_be_empty()


def test_the_clock_is_the_servers(page: Page, dashboards: Served, api: StandInApi) -> None:
    later = datetime(2031, 2, 3, 2, 4, 0, tzinfo=UTC)
    api.publish(situation(many_units(1), at=later))
    open_wall(page, dashboards)
    expect(page.locator(".date")).to_have_text("Thứ Hai, 03/02/2031")
    expect(page.locator(".clock")).to_have_text(re.compile(r"09:04:\d\d"))


def test_the_band_appears_when_the_api_dies_and_goes_when_it_returns(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    band = page.locator("#cut-off")
    expect(band).to_be_hidden()
    api.stop()
    expect(band).to_be_visible(timeout=BAND_WITHIN_MS)
    expect(band).to_contain_text(
        re.compile(r"MẤT KẾT NỐI\s*dữ liệu lúc \d\d:\d\d:\d\d\s*00:[0-5]\d")
    )
    box = band.bounding_box()
    assert box is not None
    assert box["width"] == 1920
    age = page.locator('[data-tile="devices"] .age')
    before = age.inner_text()
    expect(age).not_to_have_text(before)
    api.start()
    expect(band).to_be_hidden(timeout=HEALED_WITHIN_MS)
    api.publish(situation(many_units(1), head=province(waiting=77)))
    expect(page.locator('[data-tile="waiting"] .figure')).to_have_text("77")


@pytest.mark.usefixtures("today")
def test_the_wall_heals_by_itself_after_a_restart_of_the_dashboards(
    page: Page, api: StandInApi
) -> None:
    settings = DashboardsSettings(api_url=api.url)
    first = Served(create_app(settings, trial=True))
    first.start()
    open_wall(page, first)
    page.evaluate("() => { window.loadedBefore = true; }")
    clock = page.locator(".clock").inner_text()
    first.stop()
    expect(page.locator("#cut-off")).to_be_visible(timeout=BAND_WITHIN_MS)
    frozen = page.locator(".clock").text_content()
    assert (frozen or "") >= clock
    with served(Served(create_app(settings, trial=True), port=first.port)):
        page.wait_for_function("() => !window.loadedBefore", timeout=HEALED_WITHIN_MS)
        expect(page.locator("#cut-off")).to_be_hidden(timeout=HEALED_WITHIN_MS)
        expect(page.locator(".tile").first).to_be_visible()


def test_what_cannot_be_drawn_loads_a_fresh_page(page: Page, dashboards: Served) -> None:
    open_wall(page, dashboards)
    page.evaluate("() => { window.loadedBefore = true; document.getElementById('page').remove(); }")
    page.evaluate("() => { motcua.draw = () => { throw new Error('of another version'); }; }")
    page.wait_for_function("() => !window.loadedBefore", timeout=HEALED_WITHIN_MS)
    expect(page.locator(".tile").first).to_be_visible()


def test_a_wall_has_nothing_to_touch_and_asks_nobody_else(page: Page, dashboards: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_wall(page, dashboards)
    assert page.locator("a, button, input, select, [contenteditable]").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.figure')).cursor") == "none"
    assert [url for url in asked if not url.startswith((dashboards.url, "data:"))] == []
    scripts = [httpx.get(url).content for url in asked if "/assets/" in url and ".js" in url]
    assert len(scripts) == 3
    assert sum(len(gzip.compress(script)) for script in scripts) < MOST_SCRIPT_BYTES


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 giây"),
        (59.9, "59 giây"),
        (60, "1 phút"),
        (3599, "59 phút"),
        (7500, "2 giờ 05"),
        (200_000, "2 ngày"),
    ],
)
def test_ages_are_said_shortly(page: Page, dashboards: Served, seconds: float, text: str) -> None:
    open_wall(page, dashboards)
    assert page.evaluate("seconds => motcua.age(seconds)", seconds) == text


def test_the_address_chooses_the_scope(page: Page, dashboards: Served, api: StandInApi) -> None:
    api.publish(situation((example("a", "Phường Một"), example("b", "Phường Hai", waiting=41))))
    open_wall(page, dashboards, "scope=subtree:b&scenes=now")
    expect(page.locator(".top .place")).to_contain_text("Phường Hai")
    expect(page.locator('[data-tile="waiting"] .figure')).to_have_text("41")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kpis=nonsense", "Danh mục không có chỉ số: nonsense"),
        ("scope=subtree:nowhere", "Không có phạm vi “subtree:nowhere”"),
        ("scenes=nothing", "Không có cảnh “nothing”"),
        ("scenes=nothing&lang=en", "There is no scene “nothing”"),
    ],
)
def test_an_address_that_names_what_is_not_there_is_answered_in_words(
    page: Page, dashboards: Served, query: str, said: str
) -> None:
    page.goto(f"{dashboards.url}/wall?{query}")
    expect(page.locator(".refused")).to_contain_text(said)
