"""Every scene in a real browser: what a stranger six metres away can read, whatever the figures."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from dashboards.push.choice import SCENES
from tests.dashboards.examples import Example, many_units, province, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi
from tests.waiting import eventually

pytestmark = pytest.mark.browser

QUIET_S = 0.4
"""A wall to which nothing was sent for so long has all its answers."""

PROBLEMS = """() => {
  const found = [], scale = innerWidth / 1920;
  const report = (what, text) => found.push(`${what}: ${text.slice(0, 40)}`);
  const parse = (css) => css.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const signed = (style) => style.overflowX !== "visible"
    && (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none");
  const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    if (parseFloat(style.fontSize) < 32 * scale - 0.01) report("small", text);
    if (contrast(parse(style.color), ground(element)) < 7) report("faint", text);
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    let { left, top, right, bottom } = range.getBoundingClientRect();
    // What is cut with a sign counts as it is seen; anything else has to fit by itself.
    for (let at = element; at; at = at.parentElement) {
      if (!signed(getComputedStyle(at))) continue;
      const box = at.getBoundingClientRect();
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    const leading = 0.25 * parseFloat(style.fontSize);  // a line is higher than its letters
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at), screen = at === document.documentElement;
      const cuts = style.overflowX !== "visible" && !signed(style) && at !== document.body;
      if (!cuts && !screen) continue;
      const screened = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
      const box = screen ? screened : at.getBoundingClientRect();
      if (left < box.left - 1 || right > box.right + 1) report("cut at its side", text);
      if (top < box.top - leading || bottom > box.bottom + leading) report("cut above", text);
    }
  }
  for (const figure of document.querySelectorAll(".figure")) {
    const size = parseFloat(getComputedStyle(figure).fontSize);
    if (size < 78 * scale) report("small figure", figure.innerText);
  }
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth || scrollHeight > innerHeight) report("scrolls", "the page");
  for (const tile of document.querySelectorAll(".tile")) {
    if (tile.clientHeight < 60 * scale) report("no room", tile.dataset.tile);
  }
  return [...new Set(found)];
}"""
"""Texts that are too small, too faint or cut without a sign, at 1080p and above."""

LONG = "Trung tâm Phục vụ hành chính công liên phường " * 7
XSS = "<img src=x onerror='window.hacked=1'>" + "x" * 260


def named(units: tuple[Example, ...], *names: str) -> tuple[Example, ...]:
    """The same units, the first ones with these names."""
    changed = [
        replace(unit, place=replace(unit.place, name_vi=name[:300], name_en=name[:300]))
        for unit, name in zip(units, names, strict=False)
    ]
    return (*changed, *units[len(changed) :])


def open_scene(page: Page, dashboards: Served, scene: str, language: str = "vi") -> None:
    """Show one scene with everything that it asks for."""
    last_s = [time.monotonic()]

    def note(payload: str | bytes) -> None:
        if '"kind":"tick"' not in str(payload)[:40]:
            last_s[0] = time.monotonic()

    page.on("websocket", lambda socket: socket.on("framereceived", note))
    page.goto(f"{dashboards.url}/wall?scenes={scene}&lang={language}&turn=120")
    page.wait_for_selector(".tile")

    def quiet() -> bool:
        page.evaluate("document.fonts.ready")
        return time.monotonic() - last_s[0] > QUIET_S

    eventually(quiet, 20, what="all answers")


@pytest.mark.parametrize(
    ("width", "units", "language", "names"),
    [
        (1920, 113, "vi", ()),
        (3840, 113, "en", (LONG, XSS) * 40),
        (1920, 500, "en", ()),
        (1920, 12, "vi", (LONG, XSS) * 6),
        (1920, 1, "vi", (XSS,)),
        (1920, 0, "en", ()),
    ],
    ids=["113", "4k-long-names", "500", "12-long-names", "1", "none"],
)
def test_everything_on_every_scene_can_be_read(
    page: Page,
    dashboards: Served,
    api: StandInApi,
    width: int,
    units: int,
    language: str,
    names: tuple[str, ...],
) -> None:
    page.set_viewport_size({"width": width, "height": width * 9 // 16})
    now = datetime.now(UTC)
    head = province(ratings=128_412, visits=132_408, waiting=1137, devices=(2237, 2240), at=now)
    api.catalogue = CATALOGUE
    api.publish(situation(named(many_units(units, at=now), *names), head=head, at=now))
    for scene in SCENES:
        open_scene(page, dashboards, scene, language)
        assert page.evaluate(PROBLEMS) == [], scene
        assert page.locator("#page img").count() == 0
        assert not page.evaluate("window.hacked")
        assert page.evaluate("document.documentElement.lang") == language
