"""The rating page from a visit's end on: request, undo, idle screen, aids, badges, in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from contract.codec import decode
from contract.identifiers import new_id
from contract.messages import (
    Config,
    KioskOfficer,
    OfficerSession,
    Prompt,
    PromptEvent,
    PromptOpener,
)
from edge.kiosk.secrets import make_hash
from edge.store.outbox import Outbox
from edge.store.prompts import PromptBook
from tests.processes import Motcua
from tests.waiting import eventually

from .pages import (
    VOICES,
    let_it_ask_for_the_state,
    let_it_reset,
    open_page,
    ratings,
    running_kiosk,
    settle,
    stop_the_clock,
    write_settings,
)

pytestmark = [pytest.mark.browser, pytest.mark.acceptance]

OFFICER = KioskOfficer(
    officer="CB01",
    pin=make_hash("2468", log2_n=4),
    badge=make_hash("0412345", log2_n=4),
    name="Nguyễn Thị Lan",
)


def open_request(outbox: Outbox) -> None:
    now = datetime.now(UTC)
    book = PromptBook(outbox=outbox, device="edge-1", counter="counter-1")
    book.open(
        "counter-1",
        PromptOpener.VISIT_END,
        now=now,
        expires_at=now + timedelta(seconds=45),
        visit=new_id(now),
    )


def steps(outbox: Outbox) -> list[PromptEvent]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [message.event for message in messages if isinstance(message, Prompt)]


def test_a_visit_is_asked_about_rated_taken_back_and_rated_again(
    page: Page, outbox: Outbox
) -> None:
    open_request(outbox)
    let_it_ask_for_the_state(page)
    expect(page.locator("#invitation")).to_be_visible()
    eventually(lambda: steps(outbox) == [PromptEvent.SHOWN], 10)
    page.locator('[data-score="1"]').tap()
    expect(page.locator("#ask")).to_be_visible()
    settle(page)
    page.locator("#ask .undo").tap()
    expect(page.locator("#rate")).to_be_visible()
    stop_the_clock(page)
    page.keyboard.press("4")
    page.clock.run_for(100)
    expect(page.locator("#thanks")).to_be_visible()
    wrong, back, right = ratings(outbox)
    assert (wrong.score, back.amends, back.withdrawn, right.score) == (1, wrong.id, True, 4)
    assert wrong.visit == right.visit is not None
    page.clock.run_for(9_500)
    expect(page.locator("#thanks .undo")).to_have_text("Chọn lại (1)", use_inner_text=True)
    page.clock.run_for(600)
    expect(page.locator("#rate")).to_be_visible()


def test_who_does_not_want_to_rate_says_so(page: Page, outbox: Outbox) -> None:
    open_request(outbox)
    let_it_ask_for_the_state(page)
    expect(page.locator("#later")).to_be_visible()
    eventually(lambda: steps(outbox) == [PromptEvent.SHOWN], 10)
    settle(page)
    page.locator("#later").tap()
    expect(page.locator("#ask-now")).to_be_hidden()
    eventually(lambda: steps(outbox) == [PromptEvent.SHOWN, PromptEvent.SKIPPED], 10)


def test_request_put_off_stays_away_though_an_answer_under_way_still_names_it(page: Page) -> None:
    prompt = {"id": str(new_id(datetime.now(UTC))), "expires_at": "2100-01-01T00:00:00Z"}
    prompt |= {"opened_by": "visit_end", "remaining_s": 40}
    notice: list[str] = []  # shows that an answer has been taken

    def ask_still(route: Route) -> None:
        said = {"prompt": prompt, "notice": "".join(notice)}
        route.fulfill(json={**route.fetch().json(), **said})

    page.route("**/api/v1/state", ask_still)
    let_it_ask_for_the_state(page)
    expect(page.locator("#later")).to_be_visible()
    settle(page)
    notice.append("Quầy số 3")
    page.locator("#later").tap()
    let_it_ask_for_the_state(page)
    expect(page.locator("#notice")).to_have_text("Quầy số 3")
    expect(page.locator("#ask-now")).to_be_hidden()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Motcua, Outbox]]:
    """A kiosk with all its content from `config`."""
    folder = write_settings(tmp_path_factory.mktemp("desk"))
    now = datetime.now(UTC)
    with (
        Outbox.open(folder / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox,
        running_kiosk(folder) as kiosk,
    ):
        outbox.put_config(
            Config(
                id=new_id(now), device="edge-1", seq=1, observed_at=now, schema=1, version=1,
                kiosk_service="Đất đai – Tài nguyên", kiosk_officers=(OFFICER,),
            )
        )  # fmt: skip
        number = ("counter-1", "A012", now.timestamp())
        outbox.write(lambda: outbox.execute("put_called", *number) and None)
        yield kiosk, outbox


@pytest.fixture
def desk_page(browser: Browser, desk: tuple[Motcua, Outbox]) -> Iterator[Page]:
    book = PromptBook(outbox=desk[1], device="edge-1", counter="counter-1")
    book.settle(now=datetime.now(UTC) + timedelta(hours=1))  # what the last test has asked
    with open_page(browser, desk[0]) as page:
        expect(page.locator("#idle")).to_be_visible()
        yield page


def test_idle_screen_tells_wakes_and_comes_back(desk_page: Page) -> None:
    expect(desk_page.locator("#idle-title")).to_have_text("Đất đai – Tài nguyên")
    expect(desk_page.locator("#called")).to_contain_text("A012")
    desk_page.locator("#toggle").tap()
    settle(desk_page)
    desk_page.locator("#begin").tap()
    expect(desk_page.locator("#rate")).to_be_visible()
    expect(desk_page.locator("html")).to_have_attribute("lang", "en")
    expect(desk_page.locator("#ask-now")).to_be_visible()
    settle(desk_page)
    desk_page.locator("#later").tap()
    let_it_reset(desk_page)
    expect(desk_page.locator("#idle")).to_be_visible()
    expect(desk_page.locator("html")).to_have_attribute("lang", "vi")


def test_badge_signs_on_and_its_digits_do_not_rate(
    desk_page: Page, desk: tuple[Motcua, Outbox]
) -> None:
    _, outbox = desk
    settle(desk_page)
    desk_page.locator("#begin").tap()
    expect(desk_page.locator("#rate")).to_be_visible()
    stop_the_clock(desk_page)  # on a busy machine keys come slower than from a reader
    desk_page.keyboard.type("0412345")
    desk_page.keyboard.press("Enter")

    def on() -> list[str]:
        messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
        return [one.officer for one in messages if isinstance(one, OfficerSession)]

    eventually(lambda: on() == ["CB01"], 10)
    assert ratings(outbox) == []
    desk_page.clock.run_for(1_100)
    expect(desk_page.locator("#officer-name")).to_have_text("Nguyễn Thị Lan")


def test_officer_signs_on_by_pin_asks_and_signs_off(
    desk_page: Page, desk: tuple[Motcua, Outbox]
) -> None:
    url = str(json.loads(desk[0].output().splitlines()[0])["url"])
    desk_page.goto(f"{url}/officer")
    if desk_page.locator("#sign-off").is_visible():
        desk_page.locator("#sign-off").tap()
    desk_page.get_by_role("button", name="Nguyễn Thị Lan").tap()
    for key in "1111":
        desk_page.locator("#keys button", has_text=key).first.tap()
    desk_page.locator("#enter").tap()
    expect(desk_page.locator("#wrong")).to_be_visible()
    desk_page.locator("#pin").fill("2468")
    desk_page.keyboard.press("Enter")
    expect(desk_page.locator("#who")).to_have_text("Nguyễn Thị Lan")
    desk_page.locator("#ask").tap()
    expect(desk_page.locator("#asked")).to_be_visible()
    desk_page.locator("#sign-off").tap()
    expect(desk_page.locator("#nobody")).to_be_visible()


def test_page_is_read_aloud_until_it_starts_over(page: Page, outbox: Outbox) -> None:
    expect(page.locator("#speak")).to_be_hidden()  # this browser has no voice
    page.add_init_script(VOICES)
    page.reload()
    page.locator("#speak").tap()
    said = page.evaluate("window.said.join(' | ')")
    assert "Ông/bà có hài lòng" in said
    assert "Rất không hài lòng" in said
    assert "satisfied" not in said
    page.locator('[data-score="5"]').tap()
    expect(page.locator("#thanks")).to_be_visible()
    assert "Xin cảm ơn" in page.evaluate("window.said.at(-1)")
    let_it_reset(page)
    assert page.locator("#speak").get_attribute("aria-pressed") == "false"


def fill_board(route: Route) -> None:
    answer = route.fetch()
    wait = {"low_min": 5, "high_min": 12}
    route.fulfill(json={**answer.json(), "expected_wait": wait, "connected": False})


def test_screens_have_no_accessibility_violation(desk_page: Page) -> None:
    axe = Axe()
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        result = axe.run(desk_page).response
        rules = [rule["id"] for rule in result["violations"]]
        if rules:
            found[name] = rules

    desk_page.route("**/api/v1/state", fill_board)
    let_it_ask_for_the_state(desk_page)
    expect(desk_page.locator("#idle-wait")).to_be_visible()
    look("idle")
    desk_page.locator("#easy").tap()
    look("idle, easy")
    desk_page.locator("#begin").tap()
    expect(desk_page.locator("#rate")).to_be_visible()
    look("rate, easy")
    desk_page.locator("#easy").tap()
    look("rate")
    settle(desk_page)
    desk_page.locator('[data-score="2"]').tap()
    expect(desk_page.locator("#ask")).to_be_visible()
    look("ask")
    settle(desk_page)
    desk_page.locator("#skip").tap()
    expect(desk_page.locator("#thanks")).to_be_visible()
    look("thanks")
    desk_page.goto(desk_page.url.split("?")[0] + "officer")
    expect(desk_page.locator("#codes button")).to_have_count(1)
    look("officer")
    assert found == {}
