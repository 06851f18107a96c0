"""The set-up page as an installer uses it: by touch, in a browser, with the bundled scene."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.processes import Motcua, motcua
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.acceptance]

SETTINGS = """\
# Quầy 1
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


@contextmanager
def running(folder: Path) -> Iterator[Motcua]:
    config = folder / "edge.toml"
    if not config.exists():
        config.write_text(SETTINGS.format(store=folder / "edge.sqlite3"), encoding="utf-8")
    with motcua(
        "edge", "setup", "--config", str(config), "--host", "127.0.0.1", "--port", "0",
        log=folder / "log",
    ) as process:  # fmt: skip
        eventually(lambda: "PIN: " in process.output(), 30, what="the set-up page")
        yield process


def address_and_pin(process: Motcua) -> tuple[str, str]:
    lines = process.output().splitlines()
    url = next(json.loads(line)["url"] for line in lines if "setup_started" in line)
    return url, next(line for line in lines if line.startswith("PIN: ")).removeprefix("PIN: ")


def tap_at(page: Page, x: float, y: float) -> None:
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])


def draw_zone(page: Page, kind: str, *corners: tuple[float, float]) -> None:
    page.locator(f'[data-add="{kind}"]').tap()
    for x, y in corners:
        tap_at(page, x, y)


def test_a_counter_is_set_up_by_the_page_alone(tmp_path: Path, browser: Browser) -> None:
    with running(tmp_path) as process:
        url, pin = address_and_pin(process)
        config = tmp_path / "edge.toml"
        context = browser.new_context(viewport={"width": 1280, "height": 800}, has_touch=True)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.fill("#pin-digits", "00000000")
        page.locator("#pin button").tap()
        expect(page.locator("#pin .bad")).to_be_visible()
        page.fill("#pin-digits", pin)
        page.locator("#pin button").tap()
        expect(page.locator("#work")).to_be_visible()
        # The picture comes, and people are found in it.
        expect(page.locator(".head").first).to_be_attached(timeout=60_000)
        for _ in range(3):
            page.locator(".zone .remove").first.tap()
        expect(page.locator(".zone")).to_have_count(0)
        draw_zone(page, "service", (0.02, 0.3), (0.98, 0.3), (0.98, 0.88), (0.02, 0.88))
        tap_at(page, 0.02, 0.3)  # the first corner again
        expect(page.locator(".zone")).to_have_count(1)
        draw_zone(page, "waiting", (0.02, 0.02), (0.98, 0.02), (0.98, 0.28), (0.02, 0.28))
        page.locator("#close-zone").tap()
        page.locator(".zone .name").nth(1).fill("hall")
        page.locator(".zone .name").nth(1).press("Tab")
        seen = page.locator(".count").filter(has_text=re.compile("[1-9]")).first
        expect(seen).to_be_attached(timeout=60_000)
        # What crosses itself is said at once, and is not saved.
        draw_zone(page, "mask", (0.1, 0.9), (0.9, 0.99), (0.9, 0.9), (0.1, 0.99))
        page.locator("#close-zone").tap()
        expect(page.locator("#said")).to_contain_text("crosses itself")
        before = config.read_text(encoding="utf-8")
        page.locator("#save").tap()
        expect(page.locator("#said")).to_contain_text("crosses itself")
        assert config.read_text(encoding="utf-8") == before
        page.locator(".zone .remove").nth(2).tap()
        # A corner is moved by finger, and the whole is saved.
        tap_at(page, 0.5, 0.6)
        page.locator("#save").tap()
        expect(page.locator("#said")).to_contain_text(str(config))
        text = config.read_text(encoding="utf-8")
        saved = tomllib.loads(text)
        assert text.startswith("# Quầy 1\n")
        assert [zone["name"] for zone in saved["zones"]] == ["service-1", "hall"]
        for kind in ("button", "input", "select"):
            for one in page.locator(f"#work {kind}:visible").all():
                box = one.bounding_box()
                assert box is not None
                assert box["height"] >= 44
        assert Axe().run(page).response["violations"] == []
        page.locator("#check").tap()
        expect(page.locator(".finding").first).to_be_visible(timeout=60_000)
        assert "broker" in page.locator("#findings").inner_text()
        page.locator("#restore").tap()
        expect(page.locator(".zone")).to_have_count(3)
        assert config.read_text(encoding="utf-8") == before
        page.locator("#end").tap()
        expect(page.locator("#pin")).to_contain_text("kết thúc")
        eventually(lambda: "setup_ended" in process.output(), 20, what="the end")
        assert errors == []
        context.close()


def test_nothing_is_told_without_the_pin_and_the_camera_is_one_program_s(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        url, pin = address_and_pin(process)
        assert pin not in (tmp_path / "edge.toml").read_text(encoding="utf-8")
        with httpx.Client(base_url=url) as client:
            for method, path in (
                ("GET", "state"), ("GET", "view"), ("PUT", "draft"), ("PUT", "settings"),
                ("POST", "checks"), ("POST", "restore"), ("POST", "end"),
            ):  # fmt: skip
                answer = client.request(method, f"/api/v1/{path}", json={})
                assert answer.status_code in {401, 422}, path
                assert "zones" not in answer.text
            elsewhere = client.post(
                "/api/v1/session", json={"pin": pin}, headers={"Origin": "http://elsewhere"}
            )
            assert elsewhere.status_code == 403
            assert client.post("/api/v1/session", json={"pin": pin}).status_code == 200
        config = str(tmp_path / "edge.toml")
        with motcua("edge", "watch", "--config", config, log=tmp_path / "watch") as watch:
            eventually(lambda: not watch.running, 30, what="the refusal")
        assert "watch" in watch.output()
