"""The table pages in a real browser: sorting, searching, and the same figures as the wall."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.examples import device, snapshot, unit_readings
from tests.dashboards.stand_in import Served, StandInApi

pytestmark = pytest.mark.browser

MODELS = 6
"""The column of a device's models."""
UNITS = (
    unit_readings("yen-phong", "Xã Yên Phong", ratings=45, waiting=9),
    unit_readings("dong-anh", "Xã Đông Anh", ratings=812, waiting=2),
    unit_readings("an-thi", "Xã Ân Thi", ratings=7, waiting=30, simulated=True),
    unit_readings("dung", "Xã Dũng", ratings=120, waiting=0),
)


def open_units(page: Page, dashboards: Served, api: StandInApi) -> None:
    api.publish(snapshot(UNITS, devices=(device(1), device(2, online=False))))
    page.goto(f"{dashboards.url}/units")
    expect(page.locator("tbody tr")).to_have_count(4)


def names(page: Page) -> list[str]:
    return page.locator("tbody td:first-child .text").all_inner_texts()


def test_units_sort_by_name_without_diacritics(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    expected = ["Xã Ân Thi", "Xã Đông Anh", "Xã Dũng", "Xã Yên Phong"]
    assert names(page) == expected
    page.locator("th", has_text="Đơn vị").click()
    assert names(page) == expected[::-1]


def test_units_sort_by_a_kpi_and_what_is_missing_comes_last(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    head = page.locator("th", has_text="Tỷ lệ hài lòng")
    for order in ("descending", "ascending"):
        head.click()
        expect(head).to_have_attribute("aria-sort", order)
        assert names(page)[-1] == "Xã Ân Thi"
    page.locator("th", has_text="Đang chờ").click()
    assert names(page) == ["Xã Ân Thi", "Xã Yên Phong", "Xã Đông Anh", "Xã Dũng"]


def test_search_ignores_diacritics_and_survives_new_snapshots(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    page.locator("#filter").fill("DONG")
    expect(page.locator("tbody tr")).to_have_count(1)
    changed = unit_readings("dong-anh", "Xã Đông Anh", ratings=900)
    api.publish(snapshot((UNITS[0], changed, *UNITS[2:])))
    expect(page.locator("tbody")).to_contain_text("900")
    assert names(page) == ["Xã Đông Anh"]


def test_simulated_and_small_samples_are_said(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    row = page.locator("tbody tr", has_text="Xã Ân Thi")
    expect(row).to_contain_text("MÔ PHỎNG")
    expect(row).to_contain_text("chưa đủ mẫu")
    expect(row).to_contain_text("n = 7/30")


def test_devices_show_what_is_wrong(page: Page, dashboards: Served, api: StandInApi) -> None:
    open_units(page, dashboards, api)
    page.locator("nav a", has_text="Thiết bị").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    offline = page.locator("tbody tr", has_text="Ngoại tuyến")
    expect(offline).to_contain_text("camera missing")
    expect(offline).to_contain_text("không tìm thấy")


def test_devices_are_found_by_their_counter_and_counted(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    unknown = replace(device(3, online=False), detector=None, people_detector=None)
    api.publish(snapshot(UNITS, devices=(device(1), device(2, online=False), unknown)))
    page.goto(f"{dashboards.url}/devices")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator(".key")).to_have_text("2 / 3ngoại tuyếnOffline")
    page.locator("#filter").fill("quay-3")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody td").nth(MODELS)).to_have_text("chưa rõunknown")
    expect(page.locator(".key")).to_have_text("2 / 3ngoại tuyếnOffline")


def test_what_intervals_and_the_order_of_a_mix_mean_is_said(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    key = page.locator("p.key")
    expect(key).to_contain_text("khoảng tin cậy 95 %")
    expect(key).to_contain_text("tích cực / trung tính / tiêu cực")


def test_no_clock_stands_still_while_cut_off(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    expect(page.locator(".clock")).to_be_visible()
    api.stop()
    expect(page.locator("#cut-off")).to_be_visible()
    expect(page.locator(".clock")).to_be_hidden()
    api.start()


def test_the_units_page_draws_the_intervals(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_units(page, dashboards, api)
    figure = page.locator("#intervals")
    expect(figure.locator(".point")).to_have_count(3, timeout=15_000)
    expect(figure.locator(".modebar-btn")).to_have_count(0)
