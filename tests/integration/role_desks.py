"""The pages of the screens as each role opens them in a browser, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as TooLong

from contract.texts import Language, texts
from dashboards.desk.navigation import GROUPS, group_of
from dashboards.entrance.cookies import Cookies
from server.access.rights import Right
from server.access.roles import ROLES, Role
from tests.browser import EXPECT_MS
from tests.integration.lived_in import LivedIn
from tests.integration.spoken import is_failure, said_by, strange

COOKIES = Cookies(plain_http=True)
PAGES: Mapping[str, Right] = {
    name: Right(right) for pages in GROUPS.values() for name, right in pages
}
DOCUMENTS: Mapping[str, str] = {"wall": "main.wall .tile", "audit": "tbody tr"}
"""Pages that are documents of their own, with what shows that they are there."""

Desk = Mapping[Language, Page]
"""A page of the browser in each language, all signed in as the same person."""

_FIGURES = ".value, .withheld, .ag-row, tbody tr"
_NOTHING_YET = ".notice:not(.loading), .ag-overlay-no-rows-wrapper"
_MAY_BE_EMPTY = frozenset(
    {
        *("alerts", "annotations", "appraisal", "comments", "contests"),
        *("devices", "imports", "officer", "reports"),
    }
)
"""Pages that may say that there is nothing yet."""
_DRAWN = """([name, shown]) => {
  const main = document.querySelector(`main.${name}`);
  return main && !main.querySelector(".loading, [data-dash-is-loading=true]")
    && main.querySelector(shown);
}"""
_TURN_TO = """(address) => {
  history.pushState({}, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
HREFS = "nodes => nodes.map(node => node.getAttribute('href'))"


@contextmanager
def signed_in(browser: Browser, office: LivedIn, role: Role) -> Iterator[BrowserContext]:
    """Yield a context of the browser in which somebody of this role is signed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, base_url=office.url)
    cookie = {"name": COOKIES.account, "value": office.tokens[role], "url": office.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context
    context.close()


@contextmanager
def desk_of(browser: Browser, office: LivedIn, role: Role, faults: list[str]) -> Iterator[Desk]:
    """Yield a page in each language; what goes wrong in its scripts is added to the faults."""
    with ExitStack() as stack:
        desk = {}
        for language in Language:
            page = stack.enter_context(signed_in(browser, office, role)).new_page()
            listen(page, faults)
            desk[language] = page
        yield desk


def listen(page: Page, faults: list[str]) -> None:
    """Add to the faults what goes wrong in the page's scripts."""
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda told: faults.append(f"{page.url}: {told.text}") if told.type == "error" else None,
    )


def may_open(role: Role) -> list[str]:
    """Return the pages that a role may read, as the server's catalogue has it."""
    return [name for name, right in PAGES.items() if right in ROLES[role].rights]


def menu(role: Role, here: str) -> dict[str, list[str]]:
    """Return the addresses that the menu offers on a page: of groups, and of pages of this one."""
    opened = may_open(role)
    by_group = {
        group: [f"/{name}" for name, _ in pages if name in opened]
        for group, pages in GROUPS.items()
    }
    return {
        "groups": [names[0] for names in by_group.values() if names],
        "pages": by_group[group_of(here)],
    }


def turn_to(page: Page, name: str) -> None:
    """Open a page as its link does, past the gate, but without loading its scripts again."""
    answer = page.context.request.get(f"/{name}")
    assert answer.status == 200, name
    page.evaluate(_TURN_TO, answer.url)


def what_is_wrong(page: Page, name: str, role: Role, language: Language) -> Iterator[str]:
    """Yield what is wrong with a page that the role may read."""
    if name in DOCUMENTS:
        expect(page.locator(DOCUMENTS[name]).first).to_be_visible()
        yield from what_is_misspoken(page, language)
        return
    shown = f"{_FIGURES}, {_NOTHING_YET}" if name in _MAY_BE_EMPTY else _FIGURES
    try:
        page.wait_for_function(_DRAWN, arg=[name, shown], timeout=EXPECT_MS)
    except TooLong:
        yield "shows nothing: " + page.locator("body").inner_text()
        return
    for part, wanted in menu(role, name).items():
        found = page.locator(f"main nav .{part} a").evaluate_all(HREFS)
        if found != wanted:
            yield f"offers {found}, not {wanted}"
    yield from what_is_misspoken(page, language, f"page.{name}")


def what_is_misspoken(page: Page, language: Language, title: str = "") -> Iterator[str]:
    """Yield what a page says that is none of its language's texts, and that it has no figures."""
    said = said_by(page)
    if title and texts("dashboards", language)[title] not in said:
        yield "does not say what it is"
    yield from (f"says {each!r}" for each in strange(said, language))
    yield from (f"fails: {each!r}" for each in said if is_failure(each, language))
    if page.locator("html").get_attribute("lang") != language:
        yield "is not of its language"
