"""Which periods are offered to be closed, and what the check list says of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from contract.readings import encode
from dashboards.desk.closings import ended
from dashboards.desk.period_choices import last_month
from tests.dashboards import judged
from tests.dashboards.examples import example, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi
from tests.waiting import eventually


@pytest.mark.parametrize(
    ("now", "periods"),
    [
        (datetime(2026, 11, 29, 3, tzinfo=UTC), ("2026-10", "2026-09", "2026-Q3", "2025")),
        (datetime(2026, 12, 31, 17, tzinfo=UTC), ("2026-12", "2026-11", "2026-Q4", "2026")),
    ],
)
def test_periods_that_ended_last_are_closed_next(now: datetime, periods: tuple[str, ...]) -> None:
    assert ended(now) == periods


@pytest.mark.browser
def test_a_period_is_closed_from_its_check_list(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    period = last_month(datetime.now(UTC))
    lacks = {"period": period, "over": True, "closed": False, "contests": {"dung": 2}}
    api.publish(situation((example("dung", "Xã Dũng", ratings=120, waiting=0),)))
    api.catalogue = CATALOGUE
    api.told = judged.answers("dung") | {
        f"closings/{period}/missing": encode(lacks | {"appraisals": {}, "recounting": {}})
    }
    api.become(judged.EVERYTHING, dashboards)
    page.goto(f"{dashboards.url}/appraisal")
    expect(page.get_by_text("2 (Xã Dũng: 2)")).to_be_visible()
    page.get_by_text("Chốt kỳ", exact=True).click()
    page.locator(".folded[open]").get_by_role("button", name="Xác nhận").click()
    eventually(lambda: api.taken, what="the act")
    ((method, path, body),) = api.taken
    assert (method, path) == ("POST", "/closings")
    assert json.loads(body) == {"period": period, "despite": False}
