"""How long a new counter takes by the set-up page alone, at the pace of a person.

A browser does what an installer does: opens the address, types the PIN, looks at the picture,
replaces the zones that are proposed by one of service, one of waiting and a mask, names the hall,
tries the detection, lets everything be checked, reads each line, saves and ends. Before each act it
waits as long as a person takes by the keystroke-level model (Card, Moran and Newell, 1980,
"The keystroke-level model for user performance time with interactive systems", Communications of
the ACM 23, 396-410): 1.35 s to think, 1.1 s to point, 0.2 s to press; 0.28 s a key; 4 s for a line
that is read. Run `python -m tests.bench.setup_trial`; the camera is the bundled scene.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser import open_browser
from tests.processes import Motcua, motcua
from tests.waiting import eventually

AIM_S = 300
THINKS_S, POINTS_S, PRESSES_S, KEY_S, READS_S = 1.35, 1.1, 0.2, 0.28, 4.0
PATIENCE_MS = 60_000
SETTINGS = """\
[device]
unit = "tu-son"
counter = "quay-1"
device = "edge-1"
[store]
path = "{store}"
reserve_mb = 0
[camera]
source = "bundled"
"""
SERVICE = ((0.02, 0.3), (0.98, 0.3), (0.98, 0.88), (0.02, 0.88))
WAITING = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.28), (0.02, 0.28))
MASK = ((0.1, 0.9), (0.9, 0.9), (0.9, 0.99), (0.1, 0.99))


@dataclass(slots=True)
class Installer:
    """A person at the page; counts what they do."""

    page: Page
    acts: int = 0
    person_s: float = 0.0

    def tap(self, where: Locator) -> None:
        self._take(THINKS_S + POINTS_S + PRESSES_S)
        where.tap(timeout=PATIENCE_MS)

    def tap_at(self, x: float, y: float) -> None:
        self._take(POINTS_S + PRESSES_S)
        box = self.page.locator("#drawing").bounding_box()
        assert box is not None
        self.page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def type(self, where: Locator, text: str) -> None:
        self._take(THINKS_S + POINTS_S + PRESSES_S + KEY_S * len(text))
        where.fill(text)
        where.press("Tab")

    def read(self, lines: int) -> None:
        self._take(READS_S * lines)

    def draw(self, kind: str, corners: tuple[tuple[float, float], ...]) -> None:
        self.tap(self.page.locator(f'[data-add="{kind}"]'))
        for x, y in corners:
            self.tap_at(x, y)
        self.tap(self.page.locator("#close-zone"))

    def _take(self, seconds: float) -> None:
        self.acts += 1
        self.person_s += seconds
        time.sleep(seconds)


def set_up(page: Page, process: Motcua, config: Path) -> Installer:
    """Do it all; the file has the zones at the end."""
    lines = process.output().splitlines()
    url = next(json.loads(line)["url"] for line in lines if "setup_started" in line)
    pin = next(line for line in lines if line.startswith("PIN: ")).removeprefix("PIN: ")
    one = Installer(page)
    page.goto(url)
    one.type(page.locator("#pin-digits"), pin)
    one.tap(page.locator("#pin button"))
    expect(page.locator(".head").first).to_be_attached(timeout=PATIENCE_MS)
    one.read(2)
    while page.locator(".zone .remove").count():
        one.tap(page.locator(".zone .remove").first)
    one.draw("service", SERVICE)
    one.draw("waiting", WAITING)
    one.draw("mask", MASK)
    one.type(page.locator(".zone .name").nth(1), "sanh-cho")
    expect(page.locator(".count").first).to_be_attached(timeout=PATIENCE_MS)
    one.read(3)
    one.tap(page.locator("#check"))
    expect(page.locator(".finding").first).to_be_visible(timeout=PATIENCE_MS)
    one.read(page.locator(".finding").count())
    one.tap(page.locator("#save"))
    expect(page.locator("#said")).to_contain_text(str(config), timeout=PATIENCE_MS)
    one.read(1)
    one.tap(page.locator("#end"))
    eventually(lambda: "setup_ended" in process.output(), 20, what="the end")
    return one


def main() -> None:
    """Print how long it took, and how much of it the person."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "edge.toml"
        config.write_text(SETTINGS.format(store=Path(folder) / "edge.sqlite3"), encoding="utf-8")
        words = ("edge", "setup", "--config", str(config), "--host", "127.0.0.1", "--port", "0")
        with motcua(*words, log=Path(folder) / "log") as process:
            eventually(lambda: "PIN: " in process.output(), 60, what="the set-up page")
            with open_browser() as browser:
                context = browser.new_context(
                    viewport={"width": 1280, "height": 800}, has_touch=True
                )
                began_s = time.monotonic()
                one = set_up(context.new_page(), process, config)
                took_s = time.monotonic() - began_s
        zones = config.read_text(encoding="utf-8").count("[[zones]]")
    print(
        f"a counter with {zones} zones: {took_s:.0f} s (aim {AIM_S} s), "
        f"{one.person_s:.0f} s of them the person with {one.acts} acts"
    )


if __name__ == "__main__":
    main()
