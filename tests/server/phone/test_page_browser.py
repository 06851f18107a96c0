"""The page on a telephone: nothing is cut off, and axe finds nothing, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from contract.texts import Language
from contract.visit_tokens import VisitToken
from server.phone.page import render_form, render_word
from server.phone.questions import question_sets
from server.phone.store import Refusal, Visit

pytestmark = pytest.mark.browser

WIDTH_PX, HEIGHT_PX = 390, 844
FINGER_PX = 44


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
    yield context.new_page()
    context.close()


def visit() -> Visit:
    token = VisitToken(number=1, issued_at=datetime(2026, 11, 2, 3, tzinfo=UTC), request=uuid4())
    return Visit(
        token=token,
        unit="tu-son",
        counter="quay-1",
        device="edge-1",
        place="quay-1",
        names={
            Language.VI: "Trung tâm Phục vụ hành chính công phường Từ Sơn",
            Language.EN: "Public administration service centre of Tu Son ward",
        },
        questions=question_sets()["sipas"],
        comments=True,
    )


@pytest.mark.parametrize("language", Language)
def test_the_form_fits_a_telephone_and_has_no_accessibility_violation(
    page: Page, language: Language
) -> None:
    shown = render_form(visit(), form=UUID(int=1), language=language, problem="problem.submission")
    page.set_content(shown)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH_PX
    for one in page.locator("label.level, label.reason, select, textarea, button").all():
        box = one.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER_PX
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH_PX
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("language", Language)
def test_what_is_said_instead_has_no_accessibility_violation(
    page: Page, language: Language
) -> None:
    axe = Axe()
    for word in ("thanks", "busy", "away", *map(str, Refusal)):
        page.set_content(render_word(word, language))
        assert axe.run(page).response["violations"] == [], word
