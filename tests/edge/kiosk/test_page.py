"""The rating page in a real browser, served by the real process."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from contract.identifiers import new_id
from contract.messages import Command, CommandName, Config, PhonePage, RatingReason
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from tests.processes import Motcua, motcua
from tests.waiting import eventually

from .pages import (
    VOICES,
    let_it_ask_for_the_state,
    let_it_reset,
    open_page,
    ratings,
    running_kiosk,
    settle,
    write_settings,
)

pytestmark = [pytest.mark.browser, pytest.mark.acceptance]

# Width and height of the screen, and how high the lowest face may be.
SCREENS = [
    (480, 800, 70),
    (800, 480, 140),
    (600, 1024, 110),
    (1024, 600, 140),
    (800, 1280, 140),
    (1280, 800, 140),
    (1080, 1920, 140),
    (1920, 1080, 140),
]
FINGER_PX = 60


@pytest.mark.parametrize(("score", "words"), [(5, "Rất hài lòng"), (4, "Hài lòng")])
def test_satisfied_citizen_needs_one_tap(
    page: Page, outbox: Outbox, score: int, words: str
) -> None:
    page.get_by_role("button", name=re.compile(f"^{words} ")).tap()
    expect(page.get_by_role("heading", name="Xin cảm ơn")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [score]
    let_it_reset(page)
    expect(page.locator("#rate")).to_be_visible()


@pytest.mark.parametrize("score", [1, 2, 3])
def test_others_are_stored_at_once_and_then_asked_for_reasons(
    page: Page, outbox: Outbox, score: int
) -> None:
    page.locator(f'[data-score="{score}"]').tap()
    expect(page.get_by_role("heading", name="Điều gì cần tốt hơn?")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [score]
    settle(page)
    page.get_by_role("button", name="Chờ đợi lâu").tap()
    page.get_by_role("button", name="Đòi thêm giấy tờ").tap()
    page.get_by_role("button", name="Thái độ phục vụ").tap()
    page.get_by_role("button", name="Thái độ phục vụ").tap()
    page.get_by_role("button", name="Gửi ý kiến").tap()
    expect(page.get_by_role("heading", name="Xin cảm ơn")).to_be_visible()
    rating, amendment = ratings(outbox)
    assert amendment.amends == rating.id
    assert set(amendment.reasons) == {RatingReason.WAITING, RatingReason.EXTRA_PAPERS}


def test_reasons_can_be_skipped(page: Page, outbox: Outbox) -> None:
    page.locator('[data-score="3"]').tap()
    expect(page.locator("#ask")).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    settle(page)
    page.get_by_role("button", name="Bỏ qua").tap()
    expect(page.locator("#thanks")).to_be_visible()
    assert len(ratings(outbox)) == 1


def test_abandoned_page_starts_over_by_itself(page: Page, outbox: Outbox) -> None:
    page.get_by_role("button", name="English").tap()
    page.locator('[data-score="1"]').tap()
    expect(page.get_by_role("heading", name="What should be better?")).to_be_visible()
    let_it_reset(page)
    expect(page.locator("#rate")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "vi"
    assert [(rating.score, rating.language) for rating in ratings(outbox)] == [(1, "en")]


def test_impatient_taps_count_once(page: Page, outbox: Outbox) -> None:
    face = page.locator('[data-score="2"]')
    face.evaluate("face => { face.click(); face.click(); face.click(); }")
    page.locator('[data-score="5"]').evaluate("face => face.click()")
    expect(page.locator("#ask")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [2]


def test_answer_that_got_lost_is_asked_for_again_and_counts_once(
    page: Page, outbox: Outbox
) -> None:
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.post_data or "")
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/v1/ratings", lose_the_first_answer)
    page.locator('[data-score="5"]').tap()
    expect(page.locator("#thanks")).to_be_visible()
    (rating,) = ratings(outbox)
    assert str(rating.id) == json.loads(lost[0])["id"]


def test_rating_that_cannot_be_stored_is_said_and_can_be_tried_again(
    page: Page, outbox: Outbox
) -> None:
    page.route("**/api/v1/ratings", lambda route: route.fulfill(status=507, body="{}"))
    page.locator('[data-score="5"]').tap()
    expect(page.get_by_role("heading", name="Xin lỗi, chưa ghi được")).to_be_visible()
    assert ratings(outbox) == []
    page.unroute("**/api/v1/ratings")
    settle(page)
    page.get_by_role("button", name="Thử lại").tap()
    expect(page.locator("#thanks")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [5]


def test_keyboard_is_enough(page: Page, outbox: Outbox) -> None:
    for _ in range(5):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.score") == "3"
    page.keyboard.press("Enter")
    expect(page.locator("#ask-title")).to_be_focused()
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator('[data-reason="attitude"]')).to_have_attribute("aria-pressed", "true")
    assert [rating.score for rating in ratings(outbox)] == [3]


def test_digits_rate_too(page: Page, outbox: Outbox) -> None:
    page.keyboard.press("4")
    expect(page.locator("#thanks")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [4]


def test_prompt_and_lost_network_are_shown(page: Page, outbox: Outbox) -> None:
    expect(page.locator("#offline")).to_be_hidden()
    now = datetime.now(UTC)
    outbox.put_command(
        Command(
            id=new_id(now), device="edge-1", seq=0, observed_at=now, schema=1,
            name=CommandName.SHOW_PROMPT, expires_at=now + timedelta(minutes=1),
        ),
        now=now,
    )  # fmt: skip
    outbox.put_status(ProcessName.RELAY, ProcessStatus(connected=False))
    let_it_ask_for_the_state(page)
    expect(page.locator("#invitation")).to_be_visible()
    expect(page.get_by_text("Mất mạng")).to_be_visible()


def test_a_citizen_can_take_the_code_to_a_telephone(page: Page, outbox: Outbox) -> None:
    now = datetime.now(UTC)
    envelope = {"device": "edge-1", "seq": 0, "observed_at": now, "schema": 1}
    phone = PhonePage(address="https://example.vn/danh-gia", number=1, key="0" * 64)
    outbox.put_config(Config(id=new_id(now), version=1, phone=phone, **envelope))
    outbox.put_command(
        Command(
            id=new_id(now), name=CommandName.SHOW_PROMPT, expires_at=now + timedelta(minutes=1),
            **envelope,
        ),
        now=now,
    )  # fmt: skip
    let_it_ask_for_the_state(page)
    settle(page)
    page.locator("#use-phone").tap()
    expect(page.locator("#phone-code")).to_be_visible()
    expect(page.locator("#phone-code")).to_have_js_property("complete", value=True)
    assert page.locator("#phone-code").evaluate("image => image.naturalWidth > 0")
    for width, height in ((1280, 800), (1024, 600), (800, 1280), (480, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator("#phone-code").bounding_box()
        assert box is not None
        assert box["width"] >= 280  # some 45 modules and margins: over 5 pixels each
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 1280, "height": 800})
    settle(page)
    page.locator("#phone-back").tap()
    expect(page.locator("#rate")).to_be_visible()
    settle(page)
    page.locator("#later").tap()
    expect(page.locator("#ask-now")).to_be_hidden()
    assert ratings(outbox) == []


def say_everything(route: Route) -> None:
    """Answer with the state in which the page has the most to say."""
    answer = route.fetch()
    prompt = {"id": str(new_id(datetime.now(UTC))), "expires_at": "2100-01-01T00:00:00Z"}
    notice = "Quầy số 3 nghỉ lúc 16:30 hôm nay, xin mời ông/bà sang quầy số 4."
    prompt |= {"opened_by": "visit_end", "remaining_s": 40, "phone": True}
    said = {"connected": False, "prompt": prompt, "notice": notice, "reset_s": 300}
    route.fulfill(json={**answer.json(), **said})


# How far from the middle of a target a finger still hits it, both ways together.
REACH = """(element, [dx, dy]) => {
  const box = element.getBoundingClientRect();
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const hits = (sign, at) => {
    const found = document.elementFromPoint(x + sign * dx * at, y + sign * dy * at);
    return found !== null && element.contains(found);
  };
  const reach = (sign) => { let at = 0; while (hits(sign, at + 1)) at += 1; return at; };
  return reach(1) + 1 + reach(-1);
}"""
# Whatever is said or can be tapped and does not stand whole, and by itself, on the screen.
OUT_OF_SIGHT = """() => {
  const kinds = ".where, .offline, .invitation, h1, .stored, .hint, .notice, .private, button";
  const shown = [...document.querySelectorAll(kinds)].filter((one) => one.checkVisibility());
  const boxes = shown.map((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return (one.matches("button") ? one : range).getBoundingClientRect();
  });
  const isCut = (box) =>
    box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight;
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return shown.filter((_, at) => isCut(boxes[at])
    || boxes.some((box, other) => other !== at && meet(box, boxes[at]))
  ).map((one) => `${one.className || one.id}: ${one.innerText}`);
}"""


def assert_nothing_is_cut_off(page: Page) -> None:
    scrolls = "root => root.scrollHeight > innerHeight || root.scrollWidth > innerWidth"
    assert not page.locator("html").evaluate(scrolls)
    assert page.evaluate(OUT_OF_SIGHT) == []
    for text in page.locator("p:visible, h1:visible, .face:visible, .words:visible").all():
        assert text.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
    for target in page.locator("button:visible").all():
        assert target.evaluate(REACH, [0, 1]) >= FINGER_PX, target.inner_text()


def assert_answers_are_in_sight(page: Page, face_px: int) -> None:
    expect(page.locator(".face:visible")).to_have_count(5)
    for face in page.locator(".face").all():
        box = face.bounding_box()
        assert box is not None
        assert box["height"] >= face_px
        assert box["width"] >= 140
    for said in ("#rate-title", ".private", "#toggle"):
        expect(page.locator(said)).to_be_visible()
    assert_nothing_is_cut_off(page)


@pytest.mark.parametrize(("width", "height", "face_px"), SCREENS)
def test_answers_and_reasons_are_in_sight_in_both_languages(
    page: Page, width: int, height: int, face_px: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    assert_answers_are_in_sight(page, face_px)
    page.add_init_script(VOICES)
    page.route("**/api/v1/state", say_everything)
    page.reload()
    expect(page.locator("#speak")).to_be_visible()
    let_it_ask_for_the_state(page)
    expect(page.locator("#notice")).to_be_visible()
    assert_answers_are_in_sight(page, face_px)
    page.locator("#toggle").tap()
    assert_answers_are_in_sight(page, face_px)
    page.locator('[data-score="3"]').tap()
    expect(page.locator("#ask")).to_be_visible()
    for language in ("en", "vi"):
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator(".stored")).to_be_visible()
        expect(page.locator("#offline")).to_be_visible()
        assert_nothing_is_cut_off(page)
        page.locator("#toggle").tap()


TWENTY_MM_PX = 118  # 1280 x 800 on 10.1 inches: 5.9 px a millimetre


def test_every_target_is_20_mm_on_a_screen_of_10_inches(page: Page) -> None:
    def assert_large(selector: str) -> None:
        for target in page.locator(f"{selector} button:visible").all():
            sides = [target.evaluate(REACH, way) for way in ([1, 0], [0, 1])]
            assert min(sides) >= TWENTY_MM_PX, target.inner_text()

    assert_large("body")
    page.locator('[data-score="3"]').tap()
    expect(page.locator("#ask")).to_be_visible()
    settle(page)
    page.locator('[data-reason="waiting"]').tap()
    assert_large("body")


def test_page_brings_its_own_letters(page: Page) -> None:
    """A device's own fonts may lack Vietnamese letters, or be too wide for the faces' cards."""
    load = "Promise.all([...document.fonts].map(font => font.load())).then(fonts => fonts.length)"
    assert page.evaluate(load) == 4


def test_taken_port_is_one_line(kiosk: Motcua, folder: Path, tmp_path: Path) -> None:
    settings = (folder / "edge.toml").read_text(encoding="utf-8")
    file = tmp_path / "edge.toml"
    file.write_text(settings.replace(str(folder), str(tmp_path)), encoding="utf-8")
    with motcua("edge", "kiosk", "--config", str(file), log=folder / "second") as second:
        eventually(lambda: not second.running, 20, what="the second kiosk gives up")
        assert second.exit_code == 1
        (line,) = second.output().splitlines()
    assert "is taken by another program" in line
    assert "--port" in line


def test_kiosk_stops_cleanly_while_a_page_is_open(browser: Browser, tmp_path: Path) -> None:
    with running_kiosk(write_settings(tmp_path)) as kiosk, open_page(browser, kiosk):
        assert kiosk.stop() == 0
        assert "kiosk_stopped" in kiosk.output()
