"""The planning page: what each hour needs stands first, and hours that are short are marked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboards.api.planning import HourPlan, Planning, WeekPlan
from tests.dashboards.examples import example, situation
from tests.dashboards.stand_in import Served, StandInApi

pytestmark = pytest.mark.browser

SHORT = HourPlan(
    weekday=1, hour=9, days=12, seen_days=11, planned=3, arrivals_per_hour=29.2, open=2.3,
    needed=5, utilisation=0.88, wait_s=473, share_within=0.82,
)  # fmt: skip
ENOUGH = HourPlan(
    weekday=2, hour=9, days=12, seen_days=12, planned=4, arrivals_per_hour=12, open=3.6, needed=4,
    utilisation=0.5, wait_s=60, share_within=0.99,
)  # fmt: skip
UNSEEN = HourPlan(weekday=2, hour=10, days=12, seen_days=0, planned=1)
NEW = HourPlan(weekday=1, hour=10, days=2, seen_days=2, planned=1, arrivals_per_hour=4, open=1)
WEEK = WeekPlan(
    target_s=900, arrival_variation=1.1, service_s=540, service_variation=0.44,
    hours=(SHORT, NEW, ENOUGH, UNSEEN),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _plans(api: StandInApi) -> None:
    api.publish(situation((example("dung", "Xã Dũng"), example("an-thi", "Xã Ân Thi"))))
    api.plans = {"dung": Planning(period="01/08/2026–23/10/2026", week=WEEK)}


def test_each_hour_says_what_it_needs_and_a_short_one_is_marked(
    page: Page, dashboards: Served
) -> None:
    page.goto(f"{dashboards.url}/planning?unit=dung")
    rows = page.locator("table.planning tbody tr")
    expect(rows).to_have_count(2)
    nine, ten = rows.nth(0), rows.nth(1)
    expect(nine.locator("td").nth(0)).to_contain_text("cần 5")
    expect(nine.locator("td").nth(0)).to_contain_text("mở 2,3")
    expect(nine.locator("td").nth(0)).to_contain_text("29,2 lượt/giờ")
    expect(page.locator(".needed.short")).to_have_count(1)
    expect(ten.locator("td").nth(0)).to_contain_text("chưa đủ mẫu")
    expect(ten.locator("td").nth(1)).to_contain_text("chưa quan sát")
    expect(page.locator(".basis")).to_contain_text("không quá 15 phút")


def test_address_follows_the_chosen_period(page: Page, dashboards: Served) -> None:
    page.goto(f"{dashboards.url}/planning?unit=dung&period=2026-09")
    expect(page.locator(".basis")).to_contain_text("Tháng 9/2026")
    page.locator("#planning-period").click()
    page.get_by_text("Mười hai tuần gần nhất").last.click()
    expect(page.locator(".basis")).to_contain_text("01/08/2026–23/10/2026")
    page.wait_for_url("**/planning?unit=dung")


def test_what_the_api_refuses_is_said(page: Page, dashboards: Served) -> None:
    page.goto(f"{dashboards.url}/planning?unit=nowhere")
    expect(page.locator(".notice")).to_contain_text("nowhere")
