"""Touch on the rating page: palms, sliding fingers, gestures, by Chromium's own touch input."""

from __future__ import annotations

import pytest
from playwright.sync_api import Error, Page, expect

from edge.store.outbox import Outbox
from tests.waiting import eventually

from .pages import Fingers, let_it_reset, ratings, settle

pytestmark = [pytest.mark.browser, pytest.mark.acceptance]


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


def test_five_fingers_that_come_down_at_once_give_one_rating_at_most(
    page: Page, outbox: Outbox, fingers: Fingers
) -> None:
    for score in (1, 2, 3, 4, 5):
        fingers.put_on(score, f'[data-score="{score}"]')
    for score in (3, 1, 5, 2, 4):
        fingers.lift(score)
    settle(page)
    eventually(lambda: page.locator("#rate").is_hidden() or not ratings(outbox), what="an end")
    assert len(ratings(outbox)) <= 1


def test_a_tap_while_the_page_starts_over_counts_once_or_not_at_all(
    page: Page, outbox: Outbox, fingers: Fingers
) -> None:
    page.locator('[data-score="5"]').tap()
    expect(page.locator("#thanks")).to_be_visible()
    let_it_reset(page)
    expect(page.locator("#rate")).to_be_visible()
    fingers.put_on(1, '[data-score="1"]')  # within the moment in which a new screen takes no taps
    fingers.lift(1)
    settle(page)
    expect(page.locator("#rate")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [5]
    page.locator('[data-score="4"]').tap()
    expect(page.locator("#thanks")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [5, 4]


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
        try:
            page.clock.run_for(1_000)
            return bool(page.evaluate("[visualViewport.scale, scrollY]") == [1, 0])
        except Error:  # the page is just being loaded anew
            return False

    eventually(is_restored)
    page.locator('[data-score="5"]').tap()
    expect(page.locator("#thanks")).to_be_visible()
    assert [rating.score for rating in ratings(outbox)] == [5]
