"""Every page for every role in both languages, in a browser: what a role may read shows its figures
in the chosen language, what it may not read is said to be closed, and the menu offers the first
alone.

Roles, rights and pages are those of the server's and the navigation's own declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from contract.texts import Language, texts
from dashboards.push.choice import SCENES
from server.access.roles import ROLES, Role
from tests.integration.lived_in import LivedIn
from tests.integration.role_desks import (
    COOKIES,
    DOCUMENTS,
    HREFS,
    PAGES,
    Desk,
    desk_of,
    listen,
    may_open,
    signed_in,
    turn_to,
    what_is_misspoken,
    what_is_wrong,
)

pytestmark = [pytest.mark.browser, pytest.mark.integration, pytest.mark.timeout(600)]


ALIKE = [
    role
    for place, role in enumerate(Role)
    if all(ROLES[role] != ROLES[before] for before in [*Role][:place])
]
"""The roles, one of those that may do exactly the same: each page is opened once for them."""


def test_every_page_of_the_screens_stands_in_the_menu(office: LivedIn) -> None:
    asked = {"Cookie": f"{COOKIES.account}={office.tokens[Role.AUDITOR]}"}
    answer = httpx.get(f"{office.url}/no-such-page", headers=asked)
    assert answer.status_code == 404
    assert {*re.findall(r"/([a-z-]+)", answer.text)} == {*PAGES} - {"audit"}


def test_each_role_reads_its_pages_in_both_languages(browser: Browser, office: LivedIn) -> None:
    faults: list[str] = []
    for role in ALIKE:
        with desk_of(browser, office, role, faults) as desk:
            for name, languages in look_around(desk, role):
                faults += [
                    f"{name} for {role} in {language} {fault}"
                    for language, found in languages.items()
                    for fault in found
                ]
    assert faults == []


def look_around(desk: Desk, role: Role) -> Iterator[tuple[str, dict[Language, list[str]]]]:
    """Open each page that the role may read and yield what is wrong with it in each language."""
    loaded = False
    for name in sorted(may_open(role), key=lambda each: each in DOCUMENTS):
        for language, page in desk.items():
            if loaded and name not in DOCUMENTS:
                turn_to(page, name)
            else:
                page.goto(f"/{name}?lang={language}")
        loaded = True
        yield (
            name,
            {
                language: [*what_is_wrong(page, name, role, language)]
                for language, page in desk.items()
            },
        )


def test_what_a_role_may_not_read_is_said_to_be_closed(browser: Browser, office: LivedIn) -> None:
    faults: list[str] = []
    for role in Role:
        with signed_in(browser, office, role) as context:
            page = context.new_page()
            closed = sorted(PAGES.keys() - {*may_open(role)})
            for name, language in zip(closed, cycle(Language), strict=False):
                faults += [
                    f"{name} for {role} in {language} {fault}"
                    for fault in what_is_open(page, name, role, language)
                ]
    assert faults == []


def what_is_open(page: Page, name: str, role: Role, language: Language) -> Iterator[str]:
    """Yield what is wrong with a page that the role may not read."""
    answer = page.goto(f"/{name}?lang={language}")
    if answer is None or answer.status != 403:
        yield f"is answered {answer and answer.status}"
    if page.locator("h1").inner_text() != texts("dashboards", language)["entrance.denied"]:
        yield "does not say that it is closed"
    if page.locator("main.desk, .value, table, .tile").count():
        yield "shows something"
    ways = page.locator("a").evaluate_all(HREFS)
    if not {f"/{name}" for name in may_open(role)} & {*ways}:
        yield f"leads nowhere: {ways}"
    yield from what_is_misspoken(page, language)


def test_a_screen_shows_each_scene_in_both_languages(browser: Browser, office: LivedIn) -> None:
    faults: list[str] = []
    asked = {"Authorization": f"Bearer {office.tokens[Role.ADMINISTRATOR]}"}
    made = httpx.post(f"{office.api_url}/api/v1/screens", json={"name": "hall"}, headers=asked)
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, base_url=office.url)
    page = context.new_page()
    listen(page, faults)
    page.goto(f"/screens/{made.json()['token']}")
    for scene in SCENES:
        for language in Language:
            page.goto(f"/wall?scenes={scene}&turn=120&lang={language}")
            expect(page.locator(".tile").first).to_be_visible()
            said = what_is_misspoken(page, language)
            faults += [f"{scene} in {language} {fault}" for fault in said]
    context.close()
    assert faults == []
