"""A person signs in, sets up a second factor, reads the audit log and is refused, in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from tests.commands import call
from tests.dashboards.stand_in import Served, served
from tests.processes import free_port, motcua
from tests.server.access.office import OWN, settle
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.integration]

PASSWORD = "gió mùa đông bắc về"
PICTURES = os.environ.get("TEST_PICTURES")
"""A folder in which pictures of the pages are left, to be looked at."""


@pytest.fixture
def address(database_url: str, tmp_path: Path, trial: bool) -> Iterator[str]:
    settle(database_url)
    port = free_port()
    words = ["server", "api", "--database-url", database_url, "--port", str(port)]
    words += ["--trial"] if trial else []
    with ExitStack() as stack:
        stack.enter_context(motcua(*words, log=tmp_path / "api.log"))
        ready = f"http://127.0.0.1:{port}/healthz"
        eventually(lambda: httpx.get(ready).is_success, 60, retry=httpx.HTTPError, what="the API")
        settings = DashboardsSettings(api_url=f"http://127.0.0.1:{port}")
        yield stack.enter_context(served(Served(create_app(settings, trial=trial)))).url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def link_of(database_url: str, name: str, role: str) -> str:
    """Make an account and return the path of its link."""
    words = ("user", "add", name, "--role", role, "--database-url", database_url)
    added = call(*words)
    assert added.exit_code == 0, added.output
    return added.output.strip().rpartition("8050")[2]


def look(page: Page, name: str) -> None:
    """Leave a picture where one is wanted; nothing on the page may stand out of it."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, name
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def sign_in(page: Page, name: str, password: str = PASSWORD, code: str = "") -> None:
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=code]").fill(code)
    page.locator("button[type=submit]").click()


@pytest.mark.parametrize("trial", [False])
def test_from_the_link_to_the_audit_log(page: Page, address: str, database_url: str) -> None:
    links = {}
    for name, role in (("mai", "auditor"), ("tu", f"installer:{OWN}")):
        links[name] = link_of(database_url, name, role)
    for name in ("mai", "tu"):
        page.goto(f"{address}{links[name]}")
        look(page, "link")
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=again]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        expect(page.locator("h1")).to_have_text("Đã lưu mật khẩu")

    page.goto(f"{address}/audit")
    expect(page.locator("h1")).to_have_text("Đăng nhập")
    look(page, "sign-in-vi")
    page.locator("nav a", has_text="English").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    look(page, "sign-in-en")
    sign_in(page, "mai", "not the password")
    expect(page.locator(".problem")).to_contain_text("is not right")
    look(page, "refused-en")

    page.goto(f"{address}/sign-in?lang=vi&next=%2Faudit")
    sign_in(page, "mai")
    expect(page.locator("h1")).to_have_text("Thiết lập xác thực hai lớp")
    look(page, "second-factor-vi")
    secret = page.locator("code").inner_text().replace(" ", "")
    page.locator("input[name=code]").fill(pyotp.TOTP(secret).now())
    page.locator("button[type=submit]").click()
    expect(page.locator("h1")).to_have_text("Mã khôi phục")
    expect(page.locator("li")).to_have_count(10)
    look(page, "codes-vi")

    page.goto(f"{address}/audit")
    expect(page.locator("tbody tr").first).to_contain_text("Xem nhật ký")
    expect(page.locator("tbody")).to_contain_text("Đăng nhập bị từ chối")
    look(page, "audit-vi")
    page.goto(f"{address}/audit?lang=en&actor=mai")
    expect(page.locator("tbody")).to_contain_text("Sign-in refused")
    expect(page.locator("tbody")).not_to_contain_text("installer")
    look(page, "audit-en")

    page.goto(f"{address}/units")
    expect(page.locator("#visitor a")).to_have_attribute("href", "/audit")
    look(page, "units-auditor")
    page.locator("#visitor button").click()
    expect(page.locator("h1")).to_have_text("Sign in")  # as was chosen last
    page.goto(f"{address}/sign-in?lang=vi&next=%2Funits")
    sign_in(page, "tu")
    expect(page.locator("h1")).to_have_text("Không có quyền truy cập")
    look(page, "denied-vi")
    page.goto(f"{address}/units?lang=en")
    expect(page.locator("h1")).to_have_text("No access")
    look(page, "denied-en")
    page.goto(f"{address}/devices")
    expect(page.locator("#visitor")).to_contain_text("tu")


@pytest.mark.parametrize("trial", [True])
def test_a_trial_opens_without_signing_in_and_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/units")
    expect(page.locator("#visitor")).to_have_text("CHẾ ĐỘ THỬ · admin")
    expect(page.locator("#visitor")).to_be_visible()
    look(page, "trial")
    page.goto(f"{address}/wall")
    expect(page.locator(".wall")).to_be_visible()
    expect(page.locator("#visitor")).to_have_count(0)
