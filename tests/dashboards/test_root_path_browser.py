"""The screens below a path of a reverse proxy: pages, callbacks, files and WebSockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from runtime.errors import SettingInvalid
from tests.dashboards.examples import example, province, situation
from tests.dashboards.stand_in import Served, StandInApi, served
from tests.proxies import nginx_before

pytestmark = pytest.mark.browser

UNITS = (example("a", "Xã An", ratings=45), example("b", "Xã Ba", ratings=812))
ROWS = ".ag-center-cols-container .ag-row"


@pytest.fixture(scope="module")
def below(_api: StandInApi) -> Iterator[Served]:
    settings = DashboardsSettings(api_url=_api.url, root_path="/motcua/")
    with served(Served(create_app(settings, trial=True))) as server:
        yield server


@pytest.fixture(params=["stripped", "kept"])
def address(
    request: pytest.FixtureRequest, below: Served, api: StandInApi, nginx: Path, tmp_path: Path
) -> Iterator[str]:
    """The address behind nginx, which strips the path or keeps it."""
    api.publish(situation(UNITS))
    slash = "/" if request.param == "stripped" else ""
    with nginx_before(nginx, tmp_path, {"/motcua/": f"{below.url}{slash}"}) as url:
        yield f"{url}/motcua"


def test_a_wall_below_a_path_shows_figures_as_they_change(
    page: Page, address: str, api: StandInApi
) -> None:
    page.goto(f"{address}/")
    expect(page).to_have_url(f"{address}/wall")
    page.goto(f"{address}/wall?scenes=now")
    waiting = page.locator('[data-tile="waiting"] .figure')
    expect(waiting).to_have_text("137")
    api.publish(situation(UNITS, head=province(waiting=138)))
    expect(waiting).to_have_text("138")


def test_desk_pages_below_a_path_lead_to_each_other_and_answer(
    page: Page, address: str, api: StandInApi
) -> None:
    page.goto(f"{address}/units")
    expect(page.locator(ROWS)).to_have_count(2)
    api.publish(situation((example("a", "Xã An", ratings=900), *UNITS[1:])))
    expect(page.locator(f'{ROWS} [col-id="ratings"]').first).to_contain_text("900")
    page.locator("nav a", has_text="Vận hành").click()
    expect(page).to_have_url(f"{address}/devices")
    expect(page.locator(".desk.devices")).to_be_visible()


def test_no_request_leaves_the_path(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws:", "http:")))
    for name, shown in (("wall", ".tile"), ("units", ROWS)):
        page.goto(f"{address}/{name}")
        expect(page.locator(shown).first).to_be_visible()
    assert [url for url in asked if not url.startswith((f"{address}/", "data:", "blob:"))] == []
    assert any(url.startswith(f"{address}/_live/wall") for url in asked)


def test_sign_in_below_a_path_stays_there(page: Page, address: str) -> None:
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{address}/sign-in?next=%2Funits")
    assert page.locator("form").evaluate("form => form.action") == f"{address}/sign-in"
    page.locator("nav a", has_text="English").click()
    expect(page).to_have_url(f"{address}/sign-in?lang=en")
    assert failed == []
    pages = page.request.get(f"{address}/nowhere").text().strip().split(". ")[1].split()
    assert {"/motcua/wall", "/motcua/devices"} <= set(pages)
    assert all(name.startswith("/motcua/") for name in pages)


@pytest.mark.parametrize("root", ["/wall", "/assets", "/healthz", "/sign-in", "/links"])
def test_a_path_of_our_own_is_refused(root: str) -> None:
    with pytest.raises(SettingInvalid, match=root):
        create_app(DashboardsSettings(root_path=root))
