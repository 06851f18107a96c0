"""The wall's layout in a real browser: long figures and names, signs of age and of old data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.examples import (
    CATALOGUE,
    Example,
    aged,
    example,
    many_units,
    province,
    silent,
    situation,
)
from tests.dashboards.stand_in import Served, StandInApi

pytestmark = pytest.mark.browser

SPANS = """(kind) => [...document.querySelector(kind).querySelectorAll(".stack")].map((stack) => {
  const range = document.createRange();
  range.selectNodeContents(stack.querySelector(".figure, .mix, .withheld"));
  const { left, right } = range.getBoundingClientRect();
  return [left, right];
})"""
"""Where each figure in the first row of its kind begins and ends."""


OUTSIDE = """() => [...document.querySelectorAll(".row.unit, .row.province")].flatMap((row) => {
  const whole = row.getBoundingClientRect();
  return [...row.querySelectorAll(".stack")].filter((stack) => {
    const { top, bottom } = stack.getBoundingClientRect();
    return top < whole.top - 1 || bottom > whole.bottom + 1;
  }).map((stack) => stack.innerText);
})"""
"""Texts of the tiles that stand out of their rows."""


FAINT = """() => {
  const parse = (css) => css.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const body = parse(getComputedStyle(document.body).backgroundColor);
  const found = [];
  const walker = document.createTreeWalker(document.querySelector(".matrix"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true })) continue;
    let opacity = 1, under = null;
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at), colour = parse(style.backgroundColor);
      opacity *= Number(style.opacity);
      if (!under && colour[3] !== 0) under = colour;
    }
    const faded = (colour) => body.map((c, i) => opacity * colour[i] + (1 - opacity) * c);
    const [low, high] = [faded(parse(getComputedStyle(element).color)), faded(under || body)]
      .map(light).sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) found.push(text);
  }
  return found;
}"""
"""Texts in the matrix whose contrast with what they stand on, opacities counted, is below 4.5:1."""


OVERFLOWING = """() => {
  const found = [];
  const within = (start, end, from, to, spare) => start >= from - spare && end <= to + spare;
  const boxOf = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return range.getBoundingClientRect();
  };
  const leading = 10 * innerWidth / 1920;  // a line is higher than its letters
  const report = (what, text, holds) => { if (!holds) found.push(`${what}: ${text}`); };
  const walker = document.createTreeWalker(document.querySelector(".wall"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true })) continue;
    const box = boxOf(walker.currentNode), style = getComputedStyle(element);
    report("off the screen", text, within(box.left, box.right, 0, innerWidth, 1)
      && within(box.top, box.bottom, 0, innerHeight, 1));
    report("cut", text, style.overflowX === "visible"
      || element.scrollWidth <= element.clientWidth + 1);
    const column = element.closest(".stack, .label, .heading, .row > .name, .choices > div");
    if (column) {
      const next = column.nextElementSibling && column.nextElementSibling.getBoundingClientRect();
      const { left, right } = column.getBoundingClientRect();
      const end = !next || next.left < left ? innerWidth : Math.max(right, next.left);
      report("out of its column", text, within(box.left, box.right, left, end, 1));
    }
    const row = element.closest(".row.unit, .row.province, .row.labels");
    if (row) {
      const { top, bottom } = row.getBoundingClientRect();
      report("out of its row", text, within(box.top, box.bottom, top, bottom, leading));
    }
  }
  for (const part of document.querySelectorAll(".mix i")) {
    report("out of its segment", part.textContent, part.scrollWidth <= part.clientWidth + 1);
  }
  return found;
}"""
"""Texts that are cut, or that leave the screen, their row, or their column's room."""

COPIES = 3
MANY = tuple(
    replace(d, id=f"{d.id}_{copy}", name_vi=f"{d.name_vi} {copy}", name_en=f"{d.name_en} {copy}")
    for copy in range(1, COPIES)
    for d in CATALOGUE
)
"""With the catalogue itself: three times its KPIs."""
CHOICES = (
    "",
    "kpis=expression_mix,expression_mix_1,expression_mix_2,share_satisfied,visits,ratings",
    "kpis=median_service,median_service_1,median_service_2,share_satisfied,share_satisfied_1,visits",
    "kpis=visits,visits_1,visits_2,ratings,ratings_1,ratings_2",
    "kpis=ratings,visits,visits_1,visits_2,data_age_1,expression_mix",
    "kpis=" + ",".join(definition.id for definition in MANY),
    "kpis=nonsense",
)


def copied(place: Example) -> Example:
    """The same place with readings of the copied KPIs."""
    copies = (replace(r, kpi=f"{r.kpi}_{n}") for n in range(1, COPIES) for r in place.readings)
    return replace(place, readings=(*place.readings, *copies))


@pytest.mark.parametrize("width", [1920, 3840])
def test_nothing_overflows_with_the_most_kpis_of_three_times_the_catalogue(
    page: Page, dashboards: Served, api: StandInApi, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": width * 9 // 16})
    head = province(
        ratings=128_412, visits=132_408, waiting=1137, service_s=3590, devices=(237, 240)
    )
    large = example("large", "Phường Lớn", ratings=12_345, visits=23_456, service_s=3570)
    units = (*many_units(3), large)
    api.catalogue = (*CATALOGUE, *MANY)
    api.drop_streams()
    api.publish(situation(tuple(map(copied, units)), head=copied(head)))
    for query in CHOICES:
        page.goto(f"{dashboards.url}/wall?{query}")
        expect(page.locator(".row.unit .figure, .refused .choices").first).to_be_visible()
        expect(page.locator(".refused h2, .clock:not(:empty)")).to_have_count(1)
        page.evaluate("document.fonts.ready")
        found = page.evaluate(OVERFLOWING)
        assert found == [], query


def open_wall(page: Page, dashboards: Served) -> None:
    page.goto(f"{dashboards.url}/wall")
    expect(page.locator(".row.unit").first).to_be_visible()
    page.evaluate("document.fonts.ready")


@pytest.mark.parametrize(
    "figures",
    [
        {"ratings": 8412, "visits": 12408, "waiting": 137, "service_s": 935},
        {"ratings": 28412, "visits": 32408, "waiting": 1137, "devices": (237, 240)},
        {"ratings": 0, "visits": 0, "waiting": 0, "service_s": 3590},
    ],
)
def test_figures_of_a_province_never_run_into_one_another(
    page: Page, dashboards: Served, api: StandInApi, figures: dict[str, object]
) -> None:
    api.publish(situation(many_units(5), head=province(**figures)))
    open_wall(page, dashboards)
    spans = page.evaluate(SPANS, ".province")
    assert len(spans) == 7
    for (_, right), (left, _) in pairwise(spans):
        assert right + 12 <= left


def test_words_for_missing_figures_never_run_into_one_another(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.publish(situation(tuple(map(silent, many_units(4))), head=silent(province())))
    open_wall(page, dashboards)
    for kind in (".province", ".unit"):
        spans = page.evaluate(SPANS, kind)
        assert len(spans) == 7
        for (_, right), (left, _) in pairwise(spans):
            assert right + 8 <= left
    assert page.evaluate(OUTSIDE) == []


def test_names_of_any_length_stay_in_their_rows(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    longest = "Trung tâm Phục vụ hành chính công tỉnh Bắc Ninh – cơ sở 2 tại phường Bắc Giang"
    names = [longest, longest, "Xã Nghĩa Phương Thượng Đông", "Xã Bố Hạ"]
    api.publish(
        situation(
            tuple(
                example(f"u{n}", f"{name}|{name}", simulated=n % 2 == 0)
                for n, name in enumerate(names)
            )
        )
    )
    open_wall(page, dashboards)
    for row in page.locator(".row.unit").all():
        whole, name = row.bounding_box(), row.locator(".name").bounding_box()
        assert whole is not None
        assert name is not None
        assert whole["y"] <= name["y"]
        assert name["y"] + name["height"] <= whole["y"] + whole["height"] + 1
    expect(page.get_by_text("MÔ PHỎNG", exact=True)).to_have_count(2)


def test_a_clock_stands_before_every_age_and_the_key_names_it(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_wall(page, dashboards)
    expect(page.locator(".key")).to_contain_text("Tuổi dữ liệu")
    drawn = "e => getComputedStyle(e, '::before').maskImage"
    for age in page.locator(".key .age, .province .note .age, .unit .note .age").all():
        assert "svg" in age.evaluate(drawn)


def test_the_header_does_not_say_live_over_old_data(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    live = page.locator("header").get_by_text("TRỰC TUYẾN")
    open_wall(page, dashboards)
    expect(live).to_be_visible()
    api.publish(situation(many_units(3), head=aged(province(), timedelta(minutes=2))))
    expect(page.locator("header").get_by_text("DỮ LIỆU CŨ")).to_be_visible()
    expect(live).to_be_hidden()


def test_the_header_does_not_say_live_where_nothing_ever_arrived(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.publish(situation((), head=silent(province())))
    page.goto(f"{dashboards.url}/wall")
    expect(page.locator("header").get_by_text("CHƯA CÓ DỮ LIỆU")).to_be_visible()
    expect(page.locator("header").get_by_text("No data")).to_be_visible()
    clock = page.locator(".clock").bounding_box()
    assert clock is not None
    assert clock["x"] + clock["width"] <= 1920
    expect(page.locator("header").get_by_text("TRỰC TUYẾN")).to_be_hidden()
    api.publish(situation(many_units(1)))
    expect(page.locator("header").get_by_text("TRỰC TUYẾN")).to_be_visible()
    expect(page.locator("header").get_by_text("CHƯA CÓ DỮ LIỆU")).to_be_hidden()


def test_old_figures_stay_readable_with_what_bounds_them(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    minutes = timedelta(minutes=3)
    units = tuple(aged(unit, minutes) for unit in many_units(3))
    api.publish(situation(units, head=aged(province(devices=(0, 40)), minutes)))
    open_wall(page, dashboards)
    expect(page.locator(".province")).to_contain_text("DỮ LIỆU CŨ")
    for row in page.locator(".province, .unit").all():
        expect(row.locator('[data-kpi="median_service"] .bounds')).to_be_visible()
        expect(row.locator('[data-kpi="expression_mix"] .bounds')).to_contain_text("n = ")
        expect(row.locator('[data-kpi="expression_mix"] .bounds')).to_be_visible()
    assert page.evaluate(FAINT) == []
    bright = "e => getComputedStyle(e).color === getComputedStyle(document.body).color"
    online = page.locator(".province .figure[data-online]")
    assert online.evaluate("e => e.dataset.online") == "none"
    assert not online.evaluate(bright)
    assert not page.locator(".province .figure").first.evaluate(bright)
    api.stop()
    expect(page.locator("#cut-off")).to_be_visible()
    assert page.evaluate(FAINT) == []
    api.start()


def test_every_tile_tells_its_datas_age(page: Page, dashboards: Served, api: StandInApi) -> None:
    api.publish(situation((example("a", "Phường A"), example("b", "Xã B", ratings=7))))
    open_wall(page, dashboards)
    for row in page.locator(".row.unit, .row.province").all():
        for cell in row.locator(".cell:has(.age):not(:has(+ .cell))").all():
            expect(cell.locator(".age").locator("visible=true")).to_have_text(
                re.compile(r"\d+ giây")
            )
        expect(row.locator(".stack")).to_have_count(7)
