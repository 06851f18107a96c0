"""The rating page in a browser: a kiosk of its own, an open page, and fingers on its screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from contract.codec import decode
from contract.messages import Rating
from edge.store.outbox import Outbox
from tests.processes import Motcua, free_port, motcua
from tests.waiting import eventually

# What a browser with a Vietnamese voice of its own offers; `window.said` keeps what was read out.
VOICES = """
  window.said = [];
  const voice = { localService: true, lang: "vi-VN", name: "espeak" };
  Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => [voice], cancel: () => {}, addEventListener: () => {},
    speak: (utterance) => window.said.push(utterance.text),
  }});
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


def write_settings(folder: Path) -> Path:
    (folder / "edge.toml").write_text(
        f"""
[store]
path = "{folder / "edge.sqlite3"}"
reserve_mb = 0
[kiosk]
reset_s = 5
port = {free_port()}
""",
        encoding="utf-8",
    )
    return folder


@contextmanager
def running_kiosk(folder: Path) -> Iterator[Motcua]:
    with motcua(
        "edge", "kiosk", "--config", str(folder / "edge.toml"), log=folder / "log"
    ) as kiosk:
        eventually(lambda: "kiosk_started" in kiosk.output(), 20, what="the kiosk")
        yield kiosk


@contextmanager
def open_page(browser: Browser, kiosk: Motcua) -> Iterator[Page]:
    """Yield the kiosk's page, whose clock can be set forward; its errors fail the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.clock.install()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(str(json.loads(kiosk.output().splitlines()[0])["url"]))
    page.wait_for_function("document.fonts.ready.then(() => true)")
    yield page
    page.unroute_all(behavior="ignoreErrors")  # an answer under way belongs to no later test
    context.close()
    assert errors == []


def ratings(outbox: Outbox) -> list[Rating]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [message for message in messages if isinstance(message, Rating)]


def settle(page: Page) -> None:
    """Let the time pass for which the page ignores taps after a change of screen."""
    page.clock.run_for(600)


def stop_the_clock(page: Page) -> None:
    """Let the page's time pass by `run_for` alone from here on."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 0.6)


def let_it_reset(page: Page) -> None:
    """Let the time pass after which the page starts over, thanks included."""
    page.clock.run_for(10_100)


def let_it_ask_for_the_state(page: Page) -> None:
    """Let the time pass after which the page asks its server again."""
    page.clock.run_for(1_000)


class Fingers:
    """Fingers on the page's screen, by Chromium's own touch input; each keeps its number."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._input = page.context.new_cdp_session(page)
        self._down: dict[int, tuple[float, float]] = {}

    def put(self, finger: int, x: float, y: float) -> None:
        kind = "touchMove" if finger in self._down else "touchStart"
        self._down[finger] = (x, y)
        self._send(kind, self._down)

    def lift(self, finger: int) -> None:
        self._send("touchEnd", {finger: self._down.pop(finger)})  # those that are lifted alone

    def put_on(self, finger: int, selector: str, dx: float = 0, dy: float = 0) -> None:
        box = self._page.locator(selector).bounding_box()
        assert box is not None
        self.put(finger, box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)

    def pinch(self) -> None:
        """Draw two fingers apart over the middle of the page."""
        for step in range(12):
            self.put(8, 600 - 30 * step, 60)
            self.put(9, 680 + 30 * step, 60)
        self.lift(8)
        self.lift(9)

    def _send(self, kind: str, fingers: dict[int, tuple[float, float]]) -> None:
        points = [{"id": one, "x": x, "y": y} for one, (x, y) in fingers.items()]
        self._input.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
