"""The rating page in a real browser, served by the real process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from contract.codec import decode
from contract.identifiers import new_id
from contract.messages import Command, CommandName, Rating, RatingReason
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from tests.processes import Motcua, free_port, motcua
from tests.waiting import eventually

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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_settings(tmp_path_factory.mktemp("kiosk"))


@pytest.fixture(scope="module")
def kiosk(folder: Path) -> Iterator[Motcua]:
    """One kiosk for all tests of this module; `outbox` gives each of them an empty store."""
    with running_kiosk(folder) as kiosk:
        yield kiosk


@pytest.fixture
def outbox(kiosk: Motcua, folder: Path) -> Iterator[Outbox]:
    with Outbox.open(folder / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        outbox.delete(row.id for row in outbox.waiting(100))
        yield outbox
        outbox.finish_prompts()
        outbox.put_status(ProcessName.RELAY, ProcessStatus())


@pytest.fixture
def page(browser: Browser, kiosk: Motcua) -> Iterator[Page]:
    with open_page(browser, kiosk) as page:
        yield page


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
    context.close()
    assert errors == []


def ratings(outbox: Outbox) -> list[Rating]:
    messages = [decode(row.stream, row.payload) for row in outbox.waiting(100)]
    return [message for message in messages if isinstance(message, Rating)]


def settle(page: Page) -> None:
    """Let the time pass for which the page ignores taps after a change of screen."""
    page.clock.run_for(600)


def let_it_reset(page: Page) -> None:
    """Let the time pass after which the page starts over."""
    page.clock.run_for(5_000)


def let_it_ask_for_the_state(page: Page) -> None:
    """Let the time pass after which the page asks its server again."""
    page.clock.run_for(3_000)


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
    for _ in range(4):
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


@pytest.fixture
def fingers(page: Page) -> Fingers:
    return Fingers(page)


@pytest.mark.parametrize("resting", [1, 4])
def test_a_tap_beside_a_resting_palm_counts(
    page: Page, outbox: Outbox, fingers: Fingers, resting: int
) -> None:
    for number in range(resting):
        fingers.put(number, 200 + 60 * number, 780 - 15 * number)
    fingers.put_on(5, '[data-score="4"]')
    fingers.lift(5)
    expect(page.locator("#thanks")).to_be_visible()
    for number in range(resting):
        fingers.lift(number)
    assert [rating.score for rating in ratings(outbox)] == [4]


def test_a_palm_on_other_faces_counts_neither_then_nor_when_it_is_lifted(
    page: Page, outbox: Outbox, fingers: Fingers
) -> None:
    for score in (1, 2, 3, 5):
        fingers.put_on(score, f'[data-score="{score}"]')
    fingers.put_on(4, '[data-score="4"]')
    fingers.lift(4)
    expect(page.locator("#thanks")).to_be_visible()
    let_it_reset(page)
    expect(page.locator("#rate")).to_be_visible()
    settle(page)
    page.clock.run_for(10_000)
    for score in (1, 2, 3, 5):
        fingers.lift(score)
    settle(page)
    assert [rating.score for rating in ratings(outbox)] == [4]


@pytest.mark.parametrize(("dx", "dy"), [(25, 0), (0, 25), (-20, 15), (90, 60)])
def test_a_finger_that_slides_counts_for_the_face_on_which_it_came_down(
    page: Page, outbox: Outbox, fingers: Fingers, dx: float, dy: float
) -> None:
    for step in range(6):
        fingers.put_on(1, '[data-score="5"]', dx * step / 5, dy * step / 5)
    fingers.lift(1)
    expect(page.locator("#thanks")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [5]


def test_a_finger_that_slides_away_answers_nothing(
    page: Page, outbox: Outbox, fingers: Fingers
) -> None:
    for step in range(6):
        fingers.put_on(1, '[data-score="5"]', 60 * step, 0)
    fingers.lift(1)
    settle(page)
    expect(page.locator("#rate")).to_be_visible()
    assert ratings(outbox) == []


def test_no_gesture_zooms_the_page(page: Page, outbox: Outbox, fingers: Fingers) -> None:
    fingers.pinch()
    for _ in range(2):
        page.touchscreen.tap(640, 60)
    page.keyboard.press("Control+Equal")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    assert page.evaluate("[visualViewport.scale, innerWidth]") == [1, 1280]
    page.locator('[data-score="5"]').tap()
    expect(page.locator("#thanks")).to_be_visible()


def test_the_idle_reset_restores_zoom_and_scroll(page: Page, outbox: Outbox) -> None:
    page.context.new_cdp_session(page).send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    eventually(lambda: page.evaluate("visualViewport.scale") == 2)
    page.set_viewport_size({"width": 320, "height": 300})
    page.evaluate("scrollTo(0, 200)")
    eventually(lambda: page.evaluate("scrollY") > 50)

    def is_restored() -> bool:
        page.clock.run_for(1_000)
        return page.evaluate("[visualViewport.scale, scrollY]") == [1, 0]

    eventually(is_restored)
    page.locator('[data-score="5"]').tap()
    expect(page.locator("#thanks")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [5]


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


def say_everything(route: Route) -> None:
    """Answer with the state in which the page has the most to say."""
    answer = route.fetch()
    prompt = {"id": str(new_id(datetime.now(UTC))), "expires_at": "2100-01-01T00:00:00Z"}
    notice = "Quầy số 3 nghỉ lúc 16:30 hôm nay, xin mời ông/bà sang quầy số 4."
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
    page.route("**/api/v1/state", say_everything)
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
