"""Ways that people go in a browser: from the rankings down to an officer, an objection from being
filed until it is decided, and a scheme's next version until it ranks."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from contract.readings import KpiDefinition, Reading
from contract.texts import Language, texts
from dashboards.look.figures import describe
from server.access.roles import Role
from server.periods import today
from tests.integration.lived_in import LivedIn
from tests.integration.role_desks import listen, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.integration, pytest.mark.timeout(300)]
KPI = "waited_within_15"
VI = texts("dashboards", Language.VI)


class Api:
    """The API as somebody of a role asks it."""

    def __init__(self, office: LivedIn, role: Role) -> None:
        asked = {"Authorization": f"Bearer {office.tokens[role]}"}
        self._ask = partial(httpx.get, headers=asked)
        self._base = f"{office.api_url}/api/v1"

    def get(self, path: str, **query: str) -> Any:
        answer = self._ask(f"{self._base}{path}", params=query)
        assert answer.is_success, answer.text
        return answer.json()

    def written(self, kpi: str, scope: str, period: str) -> str:
        """Return a figure as a page writes it, or why there is none."""
        told = self.get("/readings", kpi=kpi, scope=scope, period=period)["readings"]
        (reading,) = msgspec.convert(told, tuple[Reading, ...])
        found = next(each for each in self.get("/catalogue") if each["id"] == kpi)
        said = describe(msgspec.convert(found, KpiDefinition), reading)
        return str(said.quantity or (said.withheld and said.withheld.text))


def expect_figure(page: Page, api: Api) -> str:
    """Check that the page shows what the API tells of what its address names; return the scope."""
    expect(page.locator("main.indicators .headline")).to_be_visible()
    asked = {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}
    shown = page.locator(".headline").locator(".value, .withheld")
    expect(shown).to_have_text(api.written(asked["kpi"], asked["scope"], asked["period"]))
    return asked["scope"]


def follow_row(page: Page) -> None:
    page.locator('.ag-cell[col-id="unit"] a').first.click()
    page.wait_for_load_state()


def go_down(page: Page, office: LivedIn, api: Api, period: str) -> None:
    """Go from the rankings down to one procedure of the unit."""
    page.goto(f"/rankings?kpi={KPI}&period={period}&kind={office.unit.kind}&lang=vi")
    page.locator(f'.ag-row[row-id="{office.unit.id}"] [col-id="rank"]').click()
    page.locator(".why .ways a", has_text=VI["rankings.drill"]).click()
    assert expect_figure(page, api) == f"subtree:{office.unit.id}"
    follow_row(page)
    assert expect_figure(page, api).startswith(f"counter:{office.unit.id}/")
    page.locator(".apart a", has_text=VI["drill.procedures_of_unit"]).click()
    assert expect_figure(page, api) == f"subtree:{office.unit.id}"
    follow_row(page)
    assert expect_figure(page, api).startswith(f"subtree:{office.unit.id};procedure:")


@pytest.mark.parametrize("role", [Role.UNIT_HEAD, Role.AUDITOR])
def test_who_may_goes_down_to_an_officer_and_back(
    browser: Browser, office: LivedIn, role: Role
) -> None:
    faults: list[str] = []
    api, period = Api(office, role), office.period
    with signed_in(browser, office, role) as context:
        page = context.new_page()
        listen(page, faults)
        go_down(page, office, api, period)
        follow_row(page)
        expect(page.locator("main.officer .own").first).to_be_visible()
        asked = parse_qs(urlsplit(page.url).query)
        place = api.get("/me")["rights"]["read_officers"][0]
        received = api.written(
            "dossiers_received", f"{place};officer:{asked['officer'][0]}", period
        )
        shown = page.locator(".own", has_text="Hồ sơ tiếp nhận").locator(".value, .withheld")
        expect(shown).to_have_text(received)

        crumbs = page.locator(".crumbs")
        crumbs.get_by_text(office.unit.name_vi, exact=True).click()
        assert expect_figure(page, api) == f"subtree:{office.unit.id}"
        page.go_back()
        crumbs.locator("a").last.click()
        assert ";procedure:" in expect_figure(page, api)
    assert faults == []


def test_who_may_not_see_officers_is_told_so(browser: Browser, office: LivedIn) -> None:
    api = Api(office, Role.PROVINCE_LEADER)
    with signed_in(browser, office, Role.PROVINCE_LEADER) as context:
        page = context.new_page()
        go_down(page, office, api, office.period)
        expect(page.locator(".notice")).to_have_text(VI["officer.no_right"])
        expect(page.locator(".ag-row")).to_have_count(0)
        expect(page.locator(".apart")).to_have_count(0)
        page.goto(f"/officer?officer={office.officer}&period={office.period}")
        expect(page.locator(".notice")).to_have_text(VI["officer.no_right"])
        expect(page.locator(".own")).to_have_count(0)


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def enter(page: Page, label: str, said: str) -> None:
    page.get_by_role("textbox", name=label).fill(said)


def press(page: Page, name: str, said: str = "Đã thực hiện") -> None:
    """Press the button of an act, and see that it is done."""
    page.get_by_role("button", name=name, exact=True).locator("visible=true").click()
    expect(page.locator(".outcome")).to_contain_text(said)


def test_an_officer_contests_and_the_head_decides(browser: Browser, office: LivedIn) -> None:
    with (
        signed_in(browser, office, Role.OFFICER) as own,
        signed_in(browser, office, Role.UNIT_HEAD) as heads,
    ):
        officer, head = own.new_page(), heads.new_page()
        officer.goto(f"/officer?period={office.period}&lang=vi")
        article = officer.locator(".own", has_text="Hồ sơ tiếp nhận")
        figure = article.locator(".value").inner_text()
        article.get_by_text(VI["officer.contest"]).click()
        enter(officer, VI["contests.reason"], "Một hồ sơ được ghi hai lần.")
        press(officer, VI["acts.contest_file"])
        officer.goto("/contests")
        officer.locator("tbody a").click()
        thread = officer.locator(".thread")
        expect(thread).to_contain_text("Một hồ sơ được ghi hai lần.")
        expect(thread).to_contain_text(VI["contests.value"].format(value=figure))
        expect(officer.locator("button.act")).to_have_count(0)

        head.goto("/contests?lang=vi")
        expect(head.locator("tbody tr")).to_contain_text(VI["contests.open"])
        head.locator("tbody a").click()
        expect(head.locator(".note", has_text=VI["contests.not_yours"])).to_be_visible()
        enter(head, VI["contests.field.assignee"], "unit-head")
        press(head, VI["acts.contest_assign"])
        enter(head, VI["contests.answer"], "Đã đối chiếu sổ: mỗi hồ sơ ghi một lần.")
        press(head, VI["acts.contest_answer"])
        decided = f"{VI['contests.effects.kept']}. Đã đối chiếu sổ: mỗi hồ sơ ghi một lần."
        expect(head.locator(".thread")).to_contain_text(decided)
        expect(head.locator("button.act")).to_have_count(0)

        officer.reload()
        expect(thread).to_contain_text(decided)
        officer.goto("/contests")
        expect(officer.locator("tbody tr")).to_contain_text(VI["contests.effects.kept"])


def test_a_schemes_next_version_is_put_in_force_and_ranks(
    browser: Browser, office: LivedIn
) -> None:
    scheme, begins = "sipas-style", next_month(today(datetime.now(UTC)))
    with signed_in(browser, office, Role.ADMINISTRATOR) as context:
        page = context.new_page()
        page.goto(f"/schemes?scheme={scheme}:1&lang=vi")
        page.get_by_text(VI["schemes.next"], exact=True).click()
        file = page.get_by_role("textbox", name=VI["schemes.field.toml"])
        text = file.input_value()
        text = re.sub(r"(?m)^version = 1$", "version = 2", text)
        text = re.sub(r"(?m)^valid_from = .*$", f"valid_from = {begins}", text)
        file.fill(re.sub(r'(?m)^vi = "', 'vi = "Mới: ', text, count=1))
        press(page, VI["acts.scheme_version"])
        expect(page.locator(".outcome")).to_contain_text(f"{begins:%d/%m/%Y}")
        page.get_by_role("button", name=VI["schemes.modes.try"]).click()
        page.get_by_role("option", name=VI["schemes.modes.hold"]).click()
        enter(page, VI["schemes.field.reason"], "Quyết định mới của tỉnh.")
        press(page, VI["acts.scheme_version"])
        page.goto(f"/schemes?scheme={scheme}:2")
        expect(page.locator("h2")).to_contain_text(VI["schemes.version"].format(version=2))

        for period, version in ((office.period, 1), (f"{begins:%Y-%m}", 2)):
            page.goto(f"/classes?scheme={scheme}&beside=none&period={period}")
            head = page.locator(".ag-header-group-text").first
            expect(head).to_contain_text(VI["schemes.version"].format(version=version))
            expect(page.locator(".ag-row").first).to_be_visible()
