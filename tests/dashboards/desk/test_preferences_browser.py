"""What somebody signed in chooses of how pages look is kept with their account."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from dashboards.api.preferences import preferences_of
from dashboards.api.rest import RestClient
from server.access.roles import Role
from tests.coroutines import run
from tests.dashboards.judged import visitor
from tests.dashboards.stand_in import Served, StandInApi
from tests.waiting import eventually

pytestmark = pytest.mark.browser

PATH = "me/preferences"
SHARE = '.ag-header-cell[col-id="value"]'
GROUP = '.ag-header-cell[col-id="group"]'


@pytest.fixture
def kept(api: StandInApi) -> Iterator[StandInApi]:
    """An API that knows who asks, and that they want two columns and English."""
    told = {"rankings_columns": ["value", "n"], "language": "en", "theme": None}
    api.visitor, api.told = visitor(Role.PROVINCE_LEADER), {PATH: json.dumps(told).encode()}
    return api


def test_columns_are_as_the_account_has_chosen_and_are_kept_with_it(
    page: Page, dashboards: Served, kept: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/rankings")
    expect(page.locator(SHARE)).to_be_visible()
    expect(page.locator(GROUP)).to_have_count(0)
    page.locator("#rankings-columns").click()
    page.get_by_role("option", name="Nhóm").click()
    expect(page.locator(GROUP)).to_be_visible()
    eventually(lambda: kept.taken != [], what="what is kept")
    method, path, body = kept.taken[-1]
    assert (method, path) == ("PUT", f"/{PATH}")
    assert set(json.loads(body)["rankings_columns"]) == {"value", "n", "group"}


def test_whoever_has_no_account_keeps_columns_in_the_browser(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/rankings")
    page.locator("#rankings-columns").click()
    page.get_by_role("option", name="Nhóm").click()
    expect(page.locator(GROUP)).to_have_count(0)
    page.reload()
    expect(page.locator(SHARE)).to_be_visible()
    expect(page.locator(GROUP)).to_have_count(0)
    assert api.taken == []


def test_a_language_that_is_chosen_is_kept_once(
    page: Page, dashboards: Served, kept: StandInApi
) -> None:
    for _ in range(2):
        page.goto(f"{dashboards.url}/dossiers?lang=en")
        expect(page.locator("#dossiers-period")).to_be_visible()
    assert [json.loads(body) for _, _, body in kept.taken] == [{"language": "en"}]


def test_a_new_sign_in_is_told_what_its_account_has_chosen(kept: StandInApi) -> None:
    async def ask() -> str | None:
        client = RestClient(kept.url)
        try:
            return (await preferences_of(client, "a-token")).language
        finally:
            await client.close()

    assert run(ask()) == "en"
