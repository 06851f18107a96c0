"""An API that is slow, of another release, or knows whoever looks no more: it is said in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboards.entrance.cookies import Cookies
from tests.dashboards import judged
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi
from tests.waiting import eventually

pytestmark = pytest.mark.browser

SLOW_S = 1.5


def test_a_slow_api_is_waited_for_in_words_and_a_wall_goes_on(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/wall?scenes=now&turn=120")
    waiting = page.locator('[data-tile="waiting"] .figure')
    expect(waiting).to_be_visible()
    api.slow_s = SLOW_S
    expect(page.locator("#cut-off")).to_be_hidden()
    desk = page.context.new_page()
    desk.goto(f"{dashboards.url}/rankings?period=2026-09&lang=en", wait_until="commit")
    expect(desk.locator(".loading")).to_have_text("Loading figures…")
    expect(desk.locator(".standings .ag-row").first).to_be_visible(timeout=60_000)
    expect(desk.locator(".loading")).to_have_count(0)
    api.slow_s = 0.0
    desk.close()


def test_an_answer_of_another_release_is_said_on_desk_and_wall(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.catalogue = CATALOGUE
    page.goto(f"{dashboards.url}/wall?scenes=now&turn=120")
    expect(page.locator(".tile").first).to_be_visible()
    api.outdated = True
    api.publish(api.situation)
    api.drop_streams()
    expect(page.locator("#cut-off")).to_contain_text("MẤT KẾT NỐI")
    for address in ("rankings?period=2025-01", "indicators?period=2025-02", "unit?period=2025-03"):
        page.goto(f"{dashboards.url}/{address}")
        expect(page.locator(".notice", has_text="hai phiên bản khác nhau").first).to_be_visible()
    api.outdated = False
    page.goto(f"{dashboards.url}/wall?scenes=now&turn=120")
    expect(page.locator("#cut-off")).to_be_hidden()
    expect(page.locator(".tile").first).to_be_visible()


def test_whose_sign_in_ends_is_told_on_desk_and_wall_and_keeps_what_was_entered(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.told = judged.answers("unit-000")
    api.become(judged.EVERYTHING, dashboards)
    page.goto(f"{dashboards.url}/annotations")
    page.locator("textarea").fill("Mất điện buổi sáng.")
    wall = page.context.new_page()
    wall.goto(f"{dashboards.url}/wall?scenes=now&turn=120")
    expect(wall.locator(".tile").first).to_be_visible()
    screen = {"name": Cookies(plain_http=False).screen, "value": "mts_void", "secure": True}
    page.context.add_cookies([{**screen, "url": dashboards.url.replace("http", "https", 1)}])
    api.visitor = None
    page.get_by_role("button", name="Thêm ghi chú").click()
    told = page.locator("#unheard")
    expect(told).to_contain_text("Phiên đăng nhập đã kết thúc")
    expect(told.locator("a")).to_have_attribute("href", "/sign-in?next=%2Fannotations")
    expect(page.locator("textarea")).to_have_value("Mất điện buổi sáng.")
    expect(wall.locator("h1")).to_contain_text("không còn hiệu lực")
    size = wall.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    assert size >= 78
    api.visitor = judged.EVERYTHING
    known = "fetch('/annotations').then((answer) => !answer.redirected)"
    eventually(lambda: page.evaluate(known), what="who looks is known again")
    page.get_by_role("button", name="Thêm ghi chú").click()
    expect(told).to_have_count(0)
    wall.close()
