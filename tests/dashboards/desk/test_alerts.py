"""The page of alerts: what it shows of what the API says, and what it sends for whoever acts."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect
from plotly.utils import PlotlyJSONEncoder

from contract.texts import Language
from dashboards.api.rest import Answer
from dashboards.desk.alert_rules import measured_in_words
from dashboards.desk.alerts import AlertsPage
from dashboards.errors import NotAllowed
from dashboards.look.texts import speaking
from tests import coroutines
from tests.dashboards import alerted, judged
from tests.dashboards.examples import example, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi


class Refused:
    """An API that has no right for whoever looks."""

    async def alerts(self, *, closed: bool = False) -> Answer:
        del closed
        return Answer(value=None, error=NotAllowed("may not read alerts"))


def test_who_may_not_see_alerts_is_told_so():
    page = AlertsPage(Refused()).page()

    async def read():
        with speaking(Language.EN):
            return await page.layout(page.read(""))

    said = json.dumps(coroutines.run(read()), cls=PlotlyJSONEncoder)
    assert "may not read alerts" in said


def test_a_rule_of_which_nothing_was_measured_says_so():
    with speaking(Language.EN):
        assert measured_in_words(None).startswith("Not measured")


@pytest.fixture
def opened(page: Page, api: StandInApi, dashboards: Served) -> Page:
    api.publish(situation((example("dung", "Phường Đúng", ratings=120, waiting=0),)))
    api.catalogue = CATALOGUE
    api.told = alerted.answers("dung")
    api.become(judged.EVERYTHING, dashboards)
    page.goto(f"{dashboards.url}/alerts")
    expect(page.locator("table.listed")).to_be_visible(timeout=20_000)
    return page


@pytest.mark.browser
def test_an_alert_says_why_and_is_taken_given_put_off_and_closed(
    opened: Page, api: StandInApi, dashboards: Served
) -> None:
    listed = opened.locator("table.listed")
    for said in (
        "Phường Đúng",
        "Khẩn cấp · chưa tiếp nhận",
        "Toàn tỉnh",
        "đã giao: truc",
        "1 tin không",
    ):
        expect(listed).to_contain_text(said)
    listed.get_by_role("link", name="Có người chờ").first.click()
    main = opened.locator("main")
    for said in (
        "Gọi điện cho trưởng bộ phận",
        "6 cảnh báo trước của quy tắc này: 3 đúng, 1 sai",
        "Thường lệ vào thứ và giờ này: 1,0 đến 4,0 (8 tuần",
        "Đang cử người thay",
        "refused with 503",
        "HTTP 202",
    ):
        expect(main).to_contain_text(said, timeout=20_000)
    expect(opened.locator(".js-plotly-plot")).to_be_visible()

    def sent(button: str, **more: object) -> None:
        before = len(api.taken)
        opened.get_by_role("button", name=button, exact=True).click()
        expect(opened.locator(".outcome")).to_contain_text("Đã thực hiện")
        ((method, path, body),) = api.taken[before:]
        assert (method, path) == ("POST", f"/alerts/{alerted.ALERT}/steps")
        assert json.loads(body) == {"note": ""} | more
        opened.reload()
        expect(opened.locator("main")).to_contain_text("Việc cần làm", timeout=20_000)

    sent("Tiếp nhận", step="acknowledged")
    opened.locator("summary", has_text="Giao việc").click()
    sent("Giao việc", step="assigned", assignee=judged.EVERYTHING.name)
    opened.locator("summary", has_text="Tạm hoãn").click()
    sent("Tạm hoãn", step="snoozed", minutes=120)
    opened.locator("summary", has_text="Đóng cảnh báo").click()
    sent("Đóng cảnh báo", step="resolved", verdict="right")
    opened.get_by_role("button", name="Gửi lại").click()
    expect(opened.locator(".outcome")).to_contain_text("Đã thực hiện")
    path = f"/alerts/{alerted.ALERT}/messages/{alerted.MESSAGE}/send"
    assert api.taken[-1][:2] == ("POST", path)


@pytest.mark.browser
def test_a_rule_is_tried_before_it_holds_and_what_was_written_stays(
    opened: Page, api: StandInApi
) -> None:
    opened.get_by_role("link", name="Quy tắc", exact=True).click()
    listed = opened.locator("table.listed")
    expect(listed).to_contain_text("cảnh báo sai mỗi tuần", timeout=20_000)
    listed.get_by_role("link", name="Mức hài lòng giảm").click()
    file = opened.locator(".editing textarea")
    expect(file).to_have_value(re.compile('source = "share_satisfied"'), timeout=20_000)
    expect(opened.locator(".thread")).to_contain_text("Ít báo hơn")
    written = file.input_value().replace("least_change = 0.1", "least_change = 0.15")
    file.fill(written)
    raised = [{"unit": "dung", "raised_on": "2026-11-03", "ended_on": "2026-11-09"}]
    api.answered = (200, {"raised": raised, "weeks": 8.1, "a_week": 0.12})
    opened.get_by_role("button", name="Thực hiện").click()
    trial = opened.locator(".tried")
    expect(trial).to_contain_text("1 cảnh báo trong 8,1 tuần: 0,12 mỗi tuần")
    expect(trial).to_contain_text("Phường Đúng")
    expect(trial).to_contain_text("03/11/2026")
    expect(file).to_have_value(written)
    method, path, body = api.taken[-1]
    assert method == "POST"
    assert path.startswith(f"/alert-rules/{alerted.RULE}/backtest?first=")
    assert json.loads(body) == {"toml": written}
    reason = "satisfaction_fall.toml: rate: would fire always"
    api.answered = (422, {"detail": reason})
    opened.get_by_role("button", name="Thực hiện").click()
    expect(opened.locator(".outcome [role=alert]")).to_contain_text("rate")
    expect(file).to_have_value(written)
