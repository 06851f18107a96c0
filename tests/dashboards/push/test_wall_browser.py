"""The wall in a real browser: what a stranger six metres away would see."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from tests.dashboards.examples import CATALOGUE, aged, example, many_units, situation
from tests.dashboards.stand_in import Served, StandInApi, served
from tests.waiting import eventually

pytestmark = pytest.mark.browser

BAND_WITHIN_MS = 20_000
HEALED_WITHIN_MS = 60_000
SMALLEST_PX = 34

VISIBLE_TEXT_SIZES = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest("script, style")) continue;
    found.push([text, parseFloat(getComputedStyle(element).fontSize)]);
  }
  return found;
}"""

CUT_TEXTS = """() => [...document.querySelectorAll(
    ".wall .row *, .wall header *, .wall footer *, .refused *")]
  .filter((element) => !element.children.length && element.textContent && element.checkVisibility())
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1
    || element.getBoundingClientRect().bottom > innerHeight + 1)
  .map((element) => element.textContent)"""


def open_wall(page: Page, dashboards: Served) -> None:
    page.goto(f"{dashboards.url}/wall")
    expect(page.locator(".row.unit").first).to_be_visible()


def test_what_the_api_publishes_changes_the_numbers(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    api.publish(situation((example("one", "Phường Một", ratings=4321, waiting=19),)))
    row = page.locator(".row.unit")
    expect(row).to_have_count(1)
    expect(row.locator('[data-kpi="ratings"] .figure')).to_have_text("4.321")
    expect(row.locator('[data-kpi="people_waiting"] .figure')).to_have_text("19")


def test_every_kpi_of_the_catalogue_is_on_the_wall(page: Page, dashboards: Served) -> None:
    open_wall(page, dashboards)
    labels = page.locator(".labels").inner_text().replace("\n", " ")
    for definition in CATALOGUE:
        name = definition.name_vi
        assert name in labels
        expect(page.locator(f'.province [data-kpi="{definition.id}"]')).to_be_visible()
        expect(page.locator(f'.unit [data-kpi="{definition.id}"]').first).to_be_visible()


@pytest.mark.parametrize("units", [1, 5, 12])
@pytest.mark.parametrize("width", [1920, 3840])
def test_nothing_is_smaller_than_the_smallest_type_and_nothing_is_cut(
    page: Page, dashboards: Served, api: StandInApi, units: int, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": width * 9 // 16})
    api.publish(situation(many_units(units)))
    open_wall(page, dashboards)
    expect(page.locator(".clock")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    page.evaluate("document.fonts.ready")
    texts = page.evaluate(VISIBLE_TEXT_SIZES)
    assert len(texts) > 30
    assert [(t, px) for t, px in texts if px < SMALLEST_PX * width / 1920 - 0.01] == []
    assert page.evaluate(CUT_TEXTS) == []
    province = page.locator('.province [data-kpi="ratings"] .figure')
    size = "e => parseFloat(getComputedStyle(e).fontSize)"  # not a number while it is drawn anew
    eventually(lambda: float(province.evaluate(size)) >= 96, what="a size that can be read")


def test_simulated_units_are_marked(page: Page, dashboards: Served, api: StandInApi) -> None:
    api.publish(
        situation(
            (
                example("real", "Phường Thật"),
                example("made-up", "Phường Giả", simulated=True),
            )
        )
    )
    open_wall(page, dashboards)
    marked = page.locator(".row.unit", has_text="MÔ PHỎNG")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("Phường Giả")


def test_old_data_say_so_and_their_age_counts_on(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    old = aged(example("old", "Phường Cũ"), timedelta(minutes=2, seconds=54))
    api.publish(situation((example("new", "Phường Mới"), old)))
    old_row = page.locator(".row.unit", has_text="Phường Cũ")
    expect(old_row).to_contain_text("DỮ LIỆU CŨ · 2 phút")
    expect(old_row).to_contain_text("DỮ LIỆU CŨ · 3 phút")
    fresh_row = page.locator(".row.unit", has_text="Phường Mới")
    expect(fresh_row.locator('[data-kpi="data_age"]')).not_to_have_attribute("data-stale", "")


def test_the_clock_is_the_servers(page: Page, dashboards: Served, api: StandInApi) -> None:
    later = datetime(2031, 2, 3, 2, 4, 0, tzinfo=UTC)
    api.publish(situation(many_units(1), at=later))
    open_wall(page, dashboards)
    expect(page.locator(".date")).to_have_text("Thứ Hai, 03/02/2031")
    expect(page.locator(".clock")).to_have_text(re.compile(r"09:04:\d\d"))


def test_pages_turn_and_show_every_unit(page: Page, dashboards: Served, api: StandInApi) -> None:
    api.publish(situation(tuple(example(f"unit-{n}", f"Phường {n}") for n in range(12))))
    open_wall(page, dashboards)
    seen: set[str] = set()

    def all_seen() -> bool:
        seen.update(page.locator(".row.unit .name .vi").all_inner_texts())
        return len(seen) == 12

    eventually(all_seen, 20, what="twelve units on three pages")
    expect(page.locator("footer .position")).to_contain_text("/ 12")


def test_the_band_appears_when_the_api_dies_and_goes_when_it_returns(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    expect(page.locator("#cut-off")).to_be_hidden()
    api.stop()
    band = page.locator("#cut-off")
    expect(band).to_be_visible(timeout=BAND_WITHIN_MS)
    expect(band).to_contain_text(
        re.compile(r"MẤT KẾT NỐI · dữ liệu lúc \d\d:\d\d:\d\d · 00:[0-5]\d")
    )
    box = band.bounding_box()
    assert box is not None
    assert box["width"] == 1920
    before = page.locator('.province [data-kpi="data_age"]').inner_text()
    expect(page.locator('.province [data-kpi="data_age"]')).not_to_have_text(before)
    api.start()
    expect(band).to_be_hidden(timeout=HEALED_WITHIN_MS)
    api.publish(situation((example("one", "Phường Một", ratings=77),)))
    expect(page.locator(".row.unit")).to_have_count(1)
    expect(page.locator('.unit [data-kpi="ratings"] .figure')).to_have_text("77")


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
        expect(page.locator(".row.unit").first).to_be_visible()


def test_a_wall_has_nothing_to_touch(page: Page, dashboards: Served) -> None:
    open_wall(page, dashboards)
    assert page.locator("a, button, input, select, [contenteditable], .modebar").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.figure')).cursor") == "none"


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


def test_a_change_of_one_unit_reaches_its_cells_and_no_others(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    first, *others = many_units(3)
    api.publish(situation((first, *others)))
    open_wall(page, dashboards)
    before = page.locator(".row.unit").nth(1).inner_text()
    changed = example("unit-000", first.place.name_vi, waiting=77)
    changed = replace(changed, place=first.place)
    api.publish(situation((changed, *others), head=api.situation.head))
    waiting = page.locator(".row.unit").first.locator('[data-kpi="people_waiting"] .figure')
    expect(waiting).to_have_text("77")
    after = page.locator(".row.unit").nth(1).inner_text()
    without_ages = re.compile(r"\d+ (giây|phút)")
    assert without_ages.sub("", after) == without_ages.sub("", before)


def test_the_address_chooses_scope_and_kpis(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.publish(situation((example("a", "Phường Một"), example("b", "Phường Hai"))))
    page.goto(f"{dashboards.url}/wall?scope=subtree:b&kpis=visits,share_satisfied")
    expect(page.locator(".row.province .name")).to_contain_text("Phường Hai")
    expect(page.locator('.province [data-kpi="visits"] .figure')).to_have_text("154")
    expect(page.locator('[data-kpi="ratings"]')).to_have_count(0)
    expect(page.locator('.province [data-kpi="data_age"]')).to_have_count(1)
    expect(page.locator(".breakdown")).to_have_count(2)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kpis=nonsense", "Danh mục không có chỉ số: nonsense"),
        ("scope=subtree:nowhere", "Không có phạm vi “subtree:nowhere”"),
        ("scene=nothing", "Không có bố cục “nothing”"),
    ],
)
def test_an_address_that_names_what_is_not_there_is_answered_in_words(
    page: Page, dashboards: Served, api: StandInApi, query: str, said: str
) -> None:
    page.goto(f"{dashboards.url}/wall?{query}")
    expect(page.locator(".refused")).to_contain_text(said)
    assert page.evaluate(CUT_TEXTS) == []
