"""How long a person waits at a desk: rankings opened, sorted and filtered, a unit drilled to.

Over a province of 113 units and 600 counters with a year of history that is already loaded
(`motcua simulate history --scale full --database-url URL`), which is only read; then over 10,000
rows of a stand-in API. Run `python -m tests.bench.desks --database-url URL`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from tests.browser import open_browser
from tests.dashboards.examples import many_units, province, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi, served
from tests.processes import free_port, motcua
from tests.waiting import eventually

ROUNDS = 4
MANY_ROWS = 10_000
TARGET_OPEN_S, TARGET_ACT_S, TARGET_DRILL_S = 1.5, 0.2, 1.0
READ_ONLY = {"PGOPTIONS": "-c default_transaction_read_only=on"}
ROW = ".ag-center-cols-container .ag-row"
NAME = ".ag-pinned-left-cols-container .ag-row .text"
HEAD = '.ag-header-cell[col-id="n"] .ag-header-cell-text'
PARTS = [f"#unit-{part}" for part in ("over-time", "figures", "compared")]
WHOLE = f"() => {PARTS}.every((part) => document.querySelector(`${{part}} :is(h3, a)`))"
_ACT = """async ([act, selector, text]) => {
  const first = () => {
    const rows = [...document.querySelectorAll('.ag-pinned-left-cols-container .ag-row')];
    const top = rows.sort((a, b) => a.rowIndex - b.rowIndex || a.getAttribute('row-index') -
      b.getAttribute('row-index'))[0];
    return [rows.length, top ? top.getAttribute('row-id') : ''].join(' ');
  };
  const before = first(), element = document.querySelector(selector);
  const began = performance.now();
  if (act === 'click') element.click();
  else {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    set.call(element, text);
    element.dispatchEvent(new Event('input', { bubbles: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
  }
  while (first() === before && performance.now() - began < 10000) {
    await new Promise((done) => requestAnimationFrame(done));
  }
  return (performance.now() - began) / 1000;
}"""
"""Seconds from an act until the grid shows other rows, as the browser counts them."""
_SCROLL = """async () => {
  const body = document.querySelector('.ag-body-viewport');
  let longest = 0, last = performance.now();
  for (let at = 0; at < 120; at++) {
    body.scrollTop += 400;
    await new Promise((done) => requestAnimationFrame(done));
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  return longest / 1000;
}"""


def seconds(act: Callable[[], object]) -> float:
    """Return how long `act` takes."""
    began_s = time.perf_counter()
    act()
    return time.perf_counter() - began_s


def opened(page: Page, address: str, shown: str) -> float:
    """Return the seconds from the request of a page until it shows what was asked for."""

    def act() -> None:
        page.goto(address)
        page.wait_for_selector(shown, timeout=60_000)

    return seconds(act)


def grid_acts(page: Page) -> tuple[float, float]:
    """Return the seconds of a sort and of a search for a row's name."""
    page.wait_for_selector(ROW, timeout=60_000)
    if page.input_value("#rankings-find"):
        page.evaluate(_ACT, ["type", "#rankings-find", ""])
    find = page.locator(NAME).nth(2).inner_text()
    page.wait_for_timeout(500)  # until the charts are drawn
    sort_s = page.evaluate(_ACT, ["click", HEAD, ""])
    find_s = page.evaluate(_ACT, ["type", "#rankings-find", find])
    return sort_s, find_s


def said(what: str, found: list[float], target_s: float) -> None:
    """Print one row."""
    print(
        f"{what:44} median {statistics.median(found):.2f} s, worst {max(found):.2f} s "
        f"of {len(found)} (aim {target_s})",
        flush=True,
    )


def measure(browser: Browser, url: str, period: str) -> None:
    """Print what a person waits for over the loaded province."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(f"{url}/rankings?period={period}")  # the scripts of a desk are cached from here on
    page.wait_for_selector(ROW, timeout=60_000)
    rankings, sorts, finds, units, wholes, indicators = [], [], [], [], [], []
    for _ in range(ROUNDS):
        address = f"{url}/rankings?period={period}"
        rankings.append(opened(page, address, f"{ROW} .text"))
        sort_s, find_s = grid_acts(page)
        sorts.append(sort_s)
        finds.append(find_s)
        unit = page.locator(".ag-pinned-left-cols-container .ag-row").first.get_attribute("row-id")
        address = f"{url}/unit?unit={unit}&period={period}"
        units.append(opened(page, address, ".card .value"))
        wholes.append(seconds(lambda: page.wait_for_function(WHOLE, timeout=60_000)) + units[-1])
        scope = f"subtree:{unit}"
        shown = ".indicators .headline .value"
        indicators.append(opened(page, f"{url}/indicators?scope={scope}&period={period}", shown))
    said(f"rankings of {period} opened", rankings, TARGET_OPEN_S)
    said("sorted", sorts, TARGET_ACT_S)
    said("searched", finds, TARGET_ACT_S)
    said("drilled to a unit's page", units, TARGET_DRILL_S)
    said("the whole of a unit's page", wholes, TARGET_DRILL_S)
    said("drilled to a unit's indicators", indicators, TARGET_DRILL_S)
    page.close()


def measure_many(browser: Browser) -> None:
    """Print what acts on 10,000 rows take."""
    now = datetime.now(UTC)
    units = many_units(MANY_ROWS * 11 // 7, at=now)  # seven of the twelve names are wards
    api = StandInApi(CATALOGUE, situation(units, head=province(at=now), at=now))
    with served(api):
        screens = Served(create_app(DashboardsSettings(api_url=api.url), trial=True))
        with served(screens):
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            open_s = opened(page, f"{screens.url}/rankings", f"{ROW} .text")
            rows = page.locator(".ag-root[aria-rowcount]").get_attribute("aria-rowcount")
            acts = [grid_acts(page) for _ in range(3)]
            longest_s = page.evaluate(_SCROLL)
            page.close()
    print(f"{rows} rows: opened in {open_s:.1f} s, longest frame while scrolling {longest_s:.3f} s")
    said("sorted", [sort_s for sort_s, _ in acts], TARGET_ACT_S)
    said("searched", [find_s for _, find_s in acts], TARGET_ACT_S)


def main() -> None:
    """Start API and dashboards over the loaded province, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", help="a loaded province; without it 10,000 rows alone")
    parser.add_argument("--period", default="2026-Q3")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, open_browser() as browser, ExitStack() as stack:
        folder = Path(name)
        if options.database_url:
            ports = free_port(), free_port()
            api_url, url = (f"http://127.0.0.1:{port}" for port in ports)
            at = ("--database-url", options.database_url, "--port", str(ports[0]))
            log = folder / "api.log"
            api = stack.enter_context(
                motcua("server", "api", "--trial", *at, log=log, env=READ_ONLY)
            )
            eventually(lambda: "api_listening" in api.output(), 120)
            shown = ("--api-url", api_url, "--port", str(ports[1]), "--trial")
            screens = stack.enter_context(motcua("dashboards", *shown, log=folder / "screens.log"))
            eventually(lambda: "dashboards_listening" in screens.output(), 120)
            measure(browser, url, options.period)
        else:
            measure_many(browser)
    print(f"load average {psutil.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
