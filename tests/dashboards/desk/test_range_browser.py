"""A range of days is chosen by keyboard, stands in the address, and gives way to a named period."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.dashboards.examples import example, situation
from tests.dashboards.stand_in import Served, StandInApi

pytestmark = pytest.mark.browser

RANGE = "2026-09-10..2026-10-15"


@pytest.fixture(autouse=True)
def _units(api: StandInApi) -> None:
    api.publish(situation((example("dung", "Xã Dũng", ratings=120, waiting=0),)))


@pytest.mark.parametrize("name", ["rankings", "indicators", "dossiers", "unit"])
def test_a_range_is_written_by_keyboard_and_kept_in_the_address(
    page: Page, dashboards: Served, name: str
) -> None:
    page.goto(f"{dashboards.url}/{name}")
    page.locator(".range summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Từ ngày").fill("10/09/2026")
    page.keyboard.press("Tab")
    page.get_by_label("Đến ngày").fill("15/10/2026")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{name}-period")).to_contain_text("10/09/2026–15/10/2026")
    expect(page).to_have_url(re.compile(re.escape(f"period={RANGE}")))
    page.reload()
    expect(page.get_by_label("Từ ngày")).to_have_value("10/09/2026")
    found = Axe().run(page, context=".choices").response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
    page.locator(f"#{name}-period").click()
    page.get_by_role("option", name="Hôm nay").click()
    expect(page.get_by_label("Từ ngày")).to_have_value("")
    expect(page).not_to_have_url(re.compile(re.escape(RANGE)))


def test_days_that_cannot_be_read_are_said_and_leave_the_period(
    page: Page, dashboards: Served
) -> None:
    page.goto(f"{dashboards.url}/indicators?period={RANGE}&lang=en")
    page.get_by_label("To", exact=True).fill("31/02/2026")
    page.keyboard.press("Enter")
    expect(page.locator("#indicators-range-said")).to_contain_text("day/month/year")
    expect(page.locator("#indicators-period")).to_contain_text("10/09/2026–15/10/2026")


@pytest.mark.parametrize("name", ["rankings", "indicators", "unit"])
def test_what_goes_by_the_calendar_alone_says_so_and_the_rest_is_shown(
    page: Page, dashboards: Served, api: StandInApi, name: str
) -> None:
    api.calendar_alone = True
    page.goto(f"{dashboards.url}/{name}?period={RANGE}")
    said = page.get_by_text("Chỉ số này chỉ tính theo kỳ của lịch")
    expect(said).to_have_count(1)
    expect(page.get_by_text("2026-10-31")).to_have_count(0)
    if name == "unit":
        waiting = page.locator(".part", has=page.get_by_role("heading", name="Chờ và phục vụ"))
        expect(waiting.locator(".card .value").first).to_be_visible()
