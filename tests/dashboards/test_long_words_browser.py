"""Words of 300 letters stay within what they stand in, and can be read in full."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from contract.readings import DeviceProblem
from tests.dashboards.examples import device, example, situation
from tests.dashboards.stand_in import Served, StandInApi

pytestmark = pytest.mark.browser

WORD = "Mộtcửaliênthông" * 20
PROBLEM = DeviceProblem(code="other", text_vi=WORD, text_en=WORD)
# What is written beyond the window, or beyond a box that cuts it without a sign.
_ASTRAY = """() => {
  const isText = (node) => node.nodeType === 3 && node.data.trim();
  return [...document.querySelectorAll("body *")]
  .filter((element) => element.checkVisibility())
  .filter((element) => !element.closest("svg, .js-plotly-plot, .ag-header, .unseen"))
  .filter((element) => [...element.childNodes].some(isText))
  .filter((element) => {
    const style = getComputedStyle(element);
    const cut = element.scrollWidth > element.clientWidth + 1 && style.display !== "inline";
    const signed = style.textOverflow === "ellipsis" && style.overflow !== "visible";
    const box = element.getBoundingClientRect();
    const around = element.closest(".ag-cell-wrapper, .name");
    const right = around ? around.getBoundingClientRect().right : innerWidth;
    return (cut && !signed && style.overflow !== "auto") || box.right > right + 1;
  })
  .map((element) => `${element.className}: ${element.textContent.slice(0, 30)}`) }"""


@pytest.fixture(autouse=True)
def _long_names(api: StandInApi) -> None:
    long = replace(device(1), unit="a", device=WORD, counter=WORD, problems=(PROBLEM,))
    units = (example("a", WORD, ratings=45), example("b", "Xã Ba", ratings=812))
    api.publish(situation(units, devices=(long, device(2))))


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/units", ".ag-center-cols-container .ag-row"),
        (f"/units?scope=unit:{WORD}", ".notice"),
        (f"/units?period={WORD}", ".key"),
        ("/devices", ".ag-center-cols-container .ag-row"),
        ("/wall?scenes=unit", ".focus-name"),
        (f"/wall?scope=unit:{WORD}", ".refused, .waiting"),
        (f"/wall?kpis={WORD}", ".refused"),
    ],
    ids=["units", "scope", "period", "devices", "wall", "wall-scope", "wall-kpi"],
)
def test_nothing_is_wider_than_its_place(
    page: Page, dashboards: Served, address: str, shown: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{dashboards.url}{address}")
    expect(page.locator(shown).first).to_be_visible()
    assert page.evaluate(_ASTRAY) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("address", ["/units", "/devices"])
def test_a_name_that_is_cut_is_said_whole_on_pointing_at_it(
    page: Page, dashboards: Served, address: str
) -> None:
    page.goto(f"{dashboards.url}{address}")
    name = page.locator('.ag-cell[col-id="unit"] .text', has_text="Mộtcửa")
    expect(name).to_have_attribute("title", WORD)
