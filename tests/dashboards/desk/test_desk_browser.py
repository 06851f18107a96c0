"""The desk pages in a real browser: sorting, filtering, searching, and the state in the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from contract.readings import encode
from dashboards.desk.navigation import GROUPS
from dashboards.desk.paging import ROWS as ROWS_A_PAGE
from dashboards.look.texts import tell
from server.access.roles import Role
from tests.browser import EXPECT_MS
from tests.dashboards import judged
from tests.dashboards.examples import device, example, many_units, province, silent, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi
from tests.waiting import eventually

pytestmark = pytest.mark.browser

UNITS = (
    example("yen-phong", "Xã Yên Phong", ratings=45, waiting=9),
    example("dong-anh", "Xã Đông Anh", ratings=812, waiting=2),
    example("an-thi", "Xã Ân Thi", ratings=7, waiting=30, simulated=True),
    example("dung", "Xã Dũng", ratings=120, waiting=0),
)
NO_DASH = frozenset({"wall", "audit"})
"""Pages of the navigation that are no desk pages of Dash."""
ROWS = ".ag-center-cols-container .ag-row"


@pytest.fixture(autouse=True)
def _units(api: StandInApi) -> None:
    api.publish(situation(UNITS, devices=(device(1), device(2, online=False))))


def open_page(page: Page, dashboards: Served, path: str, *, rows: int = 4) -> None:
    page.goto(f"{dashboards.url}{path}")
    expect(page.locator(ROWS)).to_have_count(rows)


def names(page: Page) -> list[str]:
    """The units' names from top to bottom, wherever the rows stand in the document."""
    return page.evaluate("""() => [...document.querySelectorAll('.ag-cell[col-id="unit"]')]
      .sort((a, b) => a.closest(".ag-row").rowIndex - b.closest(".ag-row").rowIndex
        || a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((cell) => cell.querySelector(".text").textContent)""")


def expect_names(page: Page, expected: list[str]) -> None:
    eventually(lambda: names(page) == expected, 20, what=f"the order {expected}")


def click_head(page: Page, column: str) -> None:
    page.locator(f'.ag-header-cell[col-id="{column}"] .ag-header-cell-text').click()


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(page.evaluate("location.search.slice(1)"))


def test_units_sort_by_name_without_diacritics(page: Page, dashboards: Served) -> None:
    open_page(page, dashboards, "/units")
    expected = ["Xã Ân Thi", "Xã Đông Anh", "Xã Dũng", "Xã Yên Phong"]
    expect_names(page, expected)
    click_head(page, "unit")
    expect_names(page, expected[::-1])


def test_units_sort_by_a_kpi_what_is_missing_comes_last_and_the_address_keeps_it(
    page: Page, dashboards: Served
) -> None:
    open_page(page, dashboards, "/units")
    for written in ("-share_satisfied", "share_satisfied"):
        click_head(page, "share_satisfied")
        eventually(lambda: query(page).get("sort") == [written], what=written)  # noqa: B023
        assert names(page)[-1] == "Xã Ân Thi"
    click_head(page, "people_waiting")
    order = ["Xã Ân Thi", "Xã Yên Phong", "Xã Đông Anh", "Xã Dũng"]
    expect_names(page, order)
    eventually(lambda: query(page).get("sort") == ["-people_waiting"], what="the address")
    page.reload()
    expect_names(page, order)


def test_search_ignores_diacritics_stays_in_the_address_and_survives_new_figures(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_page(page, dashboards, "/units")
    page.locator(".find input, input.find").fill("DONG")
    expect(page.locator(ROWS)).to_have_count(1)
    eventually(lambda: query(page).get("find") == ["DONG"], what="the address")
    changed = example("dong-anh", "Xã Đông Anh", ratings=900)
    api.publish(situation((UNITS[0], changed, *UNITS[2:])))
    expect(page.locator(f'{ROWS} [col-id="ratings"]')).to_contain_text("900")
    assert names(page) == ["Xã Đông Anh"]
    page.reload()
    expect(page.locator(ROWS)).to_have_count(1)


def test_a_filter_in_the_address_compares_figures_as_they_are_written(
    page: Page, dashboards: Served
) -> None:
    condition = '{"ratings":{"filterType":"number","type":"greaterThan","filter":100}}'
    open_page(page, dashboards, f"/units?filter={condition}&sort=-ratings", rows=2)
    expect_names(page, ["Xã Đông Anh", "Xã Dũng"])


def test_simulated_and_small_samples_are_said(page: Page, dashboards: Served) -> None:
    open_page(page, dashboards, "/units?find=an thi", rows=1)
    expect(page.locator('.ag-cell[col-id="unit"]')).to_contain_text("MÔ PHỎNG")
    share = page.locator('.ag-cell[col-id="share_satisfied"]')
    expect(share).to_contain_text("chưa đủ mẫu")
    expect(share).to_contain_text("n = 7/30")


def test_a_unit_alone_is_shown_where_the_address_names_it(page: Page, dashboards: Served) -> None:
    open_page(page, dashboards, "/units?scope=subtree:dung", rows=1)
    assert names(page) == ["Xã Dũng"]


def test_what_the_api_refuses_is_said_in_words(page: Page, dashboards: Served) -> None:
    page.goto(f"{dashboards.url}/units?scope=subtree:nowhere")
    expect(page.locator(".notice")).to_contain_text("Máy chủ từ chối")
    expect(page.locator(".notice")).to_contain_text("nowhere")
    expect(page.locator("#cut-off")).to_be_hidden()


def test_devices_show_what_is_wrong(page: Page, dashboards: Served) -> None:
    open_page(page, dashboards, "/units")
    page.locator("nav a", has_text="Vận hành").click()
    expect(page.locator(ROWS)).to_have_count(2)
    offline = page.locator(ROWS, has_text="Ngoại tuyến")
    expect(offline).to_contain_text("kiểm tra dây cắm")
    expect(offline).to_contain_text("không tìm thấy")
    expect(page.locator('.ag-cell[col-id="last_seen"] .age').first).to_contain_text("giây")


def test_devices_are_found_by_their_counter_and_counted(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    unknown = replace(device(3, online=False), detector=None, people_detector=None)
    api.publish(situation(UNITS, devices=(device(1), device(2, online=False), unknown)))
    open_page(page, dashboards, "/devices", rows=3)
    expect(page.locator("#devices-key")).to_have_text("2 / 3ngoại tuyến")
    page.locator(".find input, input.find").fill("quay-3")
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator('.ag-cell[col-id="models"]')).to_have_text("chưa rõ")
    expect(page.locator("#devices-key")).to_have_text("2 / 3ngoại tuyến")


def test_what_intervals_and_the_order_of_a_mix_mean_is_said(page: Page, dashboards: Served) -> None:
    open_page(page, dashboards, "/units")
    key = page.locator("#units-key")
    expect(key).to_contain_text("khoảng tin cậy 95 %")
    expect(key).to_contain_text("tích cực / trung tính / tiêu cực")


def test_while_the_api_is_away_the_last_rows_stay_and_say_that_they_are_old(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    open_page(page, dashboards, "/units")
    expect(page.locator(".clock")).to_be_visible()
    api.down = True
    expect(page.locator("#cut-off")).to_be_visible()
    expect(page.locator("#cut-off")).to_contain_text(re.compile(r"MẤT KẾT NỐI\s*dữ liệu lúc"))
    expect(page.locator(".notice")).to_contain_text("bảng giữ số liệu cuối cùng")
    expect(page.locator(".clock")).to_be_hidden()
    assert len(names(page)) == 4
    api.down = False
    expect(page.locator("#cut-off")).to_be_hidden()
    expect(page.locator(".notice")).to_have_count(0)


DESKS = tuple(name for pages in GROUPS.values() for name, _ in pages if name not in NO_DASH)


def is_within(page: Page, outer: str, inner: str) -> bool:
    """Whether everything named `inner` is drawn within the height of `outer`."""
    return page.evaluate(
        """([outer, inner]) => {
          const all = document.querySelector(outer).getBoundingClientRect();
          return [...document.querySelectorAll(inner)].every((each) => {
            const box = each.getBoundingClientRect();
            return box.height > 0 && box.top >= all.top && box.bottom <= all.bottom;
          });
        }""",
        [outer, inner],
    )


CHARTS = {"rankings": 2, "indicators": 1, "units": 1, "unit": 4}
"""How many charts these pages show; each has its figures as a table."""


def open_tables(page: Page, name: str) -> None:
    """Open the table of every chart, and see that it holds figures."""
    charts = page.locator("figure.chart")
    expect(charts).to_have_count(CHARTS.get(name, 0))
    expect(page.locator("figure .js-plotly-plot")).to_have_count(CHARTS.get(name, 0))
    expect(charts.locator("[role=img]")).to_have_count(CHARTS.get(name, 0))
    for chart in charts.all():
        chart.locator("summary").click()
        expect(chart.locator("tbody tr").first).to_be_visible()
        assert chart.locator("tbody tr").first.inner_text().strip(), name


SHOWN = (
    *DESKS,
    f"appraisal?appraisal={judged.APPRAISAL}",
    "contests?kind=figure",
    f"contests?contest={judged.CONTEST}",
    "schemes?scheme=qd766-2022:1",
    "offices?table=counters",
)


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize(("language", "worn"), [("vi", "light"), ("en", "dark")])
def test_every_page_fits_its_window_and_axe_finds_nothing_serious_in_any_language_and_theme(
    page: Page, dashboards: Served, api: StandInApi, language: str, worn: str, part: int
) -> None:
    api.catalogue = CATALOGUE
    api.told = judged.answers("dung")
    api.become(judged.EVERYTHING, dashboards)
    axe, found = Axe(), []
    for name in SHOWN[part::3]:
        mark = "&" if "?" in name else "?"
        page.goto(f"{dashboards.url}/{name}{mark}lang={language}&theme={worn}")
        expect(page.locator(".desk nav .pages a.here")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-theme", worn)
        expect(page.locator("#visitor")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", language)
        # A tablet, the small window at a zoom of 200 % and of 50 %, and as it is.
        for width in (768, 640, 2560, 1280):
            page.set_viewport_size({"width": width, "height": 720})
            page.wait_for_function(
                f"document.documentElement.scrollWidth <= {width}", timeout=EXPECT_MS
            )
            assert is_within(page, ".desk header", ".desk header a"), (name, width)
        open_tables(page, name)
        expect(page.locator("#unheard")).to_have_count(0)
        response = axe.run(page).response
        assert response["passes"], name
        found += [
            (name, violation["id"], violation["nodes"][0]["html"][:200])
            for violation in response["violations"]
            if violation["impact"] in {"serious", "critical"}
        ]
    assert found == []


def test_three_times_the_kpis_stand_with_their_families_and_nothing_overflows(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    more = [replace(each, id=f"{each.id}_{at}") for each in CATALOGUE for at in (2, 3)]
    api.catalogue = (*CATALOGUE, *more)
    page.set_viewport_size({"width": 1280, "height": 720})
    live = sum(each.live for each in api.catalogue)
    page.goto(f"{dashboards.url}/units")
    root = page.locator(".ag-root[aria-colcount]")
    expect(root).to_have_attribute("aria-colcount", str(live + 1))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.goto(f"{dashboards.url}/indicators?kpi=share_satisfied_3")
    expect(page.locator("#indicators-kpi")).to_contain_text("hài lòng")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


GRIDS = frozenset({"units", "rankings", "dossiers", "quality", "classes"})
LISTS = frozenset({"appraisal", "contests", "accounts"})


def many_judged(units: int) -> Mapping[str, bytes]:
    """What is answered where each unit has an appraisal, a contest, a class and an account."""
    ids = [each.place.scope.rpartition(":")[2] for each in many_units(units)]
    first = ids[0]
    each = {
        "appraisals": [judged.appraisals(unit)[0] for unit in ids],
        "contests": [judged.contests(unit)[0] for unit in ids],
        "accounts": [judged.accounts(unit)[0] for unit in ids],
        "classes": judged.classes(ids),
    }
    return judged.answers(first) | {name: encode(told) for name, told in each.items()}


@pytest.mark.parametrize(
    ("units", "names"),
    [
        (0, ("units", "rankings", "unit", "dossiers", "indicators", "chairman", "quality")),
        (1, tuple(dict.fromkeys(DESKS))),
        (500, tuple(dict.fromkeys(DESKS))),
    ],
    ids=["none", "1", "500"],
)
def test_a_province_of_no_units_of_one_and_of_many_have_their_pages(
    page: Page, dashboards: Served, api: StandInApi, units: int, names: tuple[str, ...]
) -> None:
    api.catalogue = CATALOGUE
    head = silent(province()) if units == 0 else province()
    api.publish(situation(many_units(units), head=head))
    if units:
        api.told = many_judged(units)
        api.become(judged.EVERYTHING, dashboards)
    for name in names:
        page.goto(f"{dashboards.url}/{name}")
        expect(page.locator(f"main.{name}")).to_be_visible()
        if units and name in GRIDS:
            expect(page.locator(ROWS).first).to_be_visible()
        if units > ROWS_A_PAGE and name in LISTS:
            expect(page.locator(".paging")).to_contain_text(f"trong {units}")
            page.locator(".paging a").click()
            expect(page.locator(".paging").first).to_contain_text("Dòng 51–100")
        expect(page.locator("#unheard")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_page_that_is_opened_while_the_api_is_away_says_so_and_nothing_else(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/units")  # who looks is known
    expect(page.locator(".desk nav")).to_be_visible()
    api.down = True
    page.goto(f"{dashboards.url}/unit?unit=dung&period=2024-03")  # never asked before
    expect(page.locator(".notice").first).to_contain_text("Máy chủ chưa trả lời")
    expect(page.locator(".card .value")).to_have_count(0)


def test_a_page_speaks_one_language_which_a_switch_changes_and_the_browser_keeps(
    page: Page, dashboards: Served
) -> None:
    page.goto(f"{dashboards.url}/units?scope=subtree:yen-phong")
    header = page.locator(".desk header")
    expect(header).to_contain_text("Chỉ số")
    expect(header).not_to_contain_text("Indicators")
    page.locator("a.language").click()
    expect(header).to_contain_text("Indicators")
    expect(header).not_to_contain_text("Chỉ số")
    assert "scope=subtree%3Ayen-phong" in page.url
    page.goto(f"{dashboards.url}/rankings")
    expect(header).to_contain_text("Indicators")


def test_desks_are_light_until_somebody_chooses_otherwise_and_walls_stay_dark(
    page: Page, dashboards: Served
) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page.goto(f"{dashboards.url}/units?find=dung")
    expect(page.locator(ROWS)).to_have_count(1)
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.locator("a.theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator(ROWS)).to_have_count(1)
    assert page.evaluate(ground) == "rgb(11, 17, 23)"
    page.goto(f"{dashboards.url}/rankings")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{dashboards.url}/wall?theme=light")
    assert page.evaluate(ground) == "rgb(11, 17, 23)"


@pytest.mark.parametrize(
    ("role", "opened", "missing"),
    [
        (Role.OFFICER, "quality", ("Thiết bị", "Nguồn và nhập dữ liệu")),
        (Role.INSTALLER, "devices", ("Chất lượng dữ liệu", "Số liệu")),
        (Role.ADMINISTRATOR, "accounts", ("Nhật ký truy cập",)),
    ],
)
def test_people_are_offered_the_pages_that_they_may_open(
    page: Page, dashboards: Served, api: StandInApi, role: Role, opened: str, missing: tuple
) -> None:
    api.become(judged.visitor(role), dashboards)
    page.goto(f"{dashboards.url}/{opened}")
    navigation = page.locator(".desk nav")
    expect(navigation).to_contain_text(tell(f"page.{opened}"))
    for said in missing:
        expect(navigation).not_to_contain_text(said)
    expect(page.locator("#visitor")).to_contain_text("Nguyễn Văn A")


def test_the_units_page_draws_the_intervals(page: Page, dashboards: Served) -> None:
    open_page(page, dashboards, "/units")
    figure = page.locator("#intervals")
    expect(figure.locator(".point")).to_have_count(3)
    expect(figure.locator(".modebar-btn")).to_have_count(0)


def test_desk_pages_ask_nothing_of_the_outside(page: Page, dashboards: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, dashboards, "/units")
    page.locator('.ag-header-cell[col-id="visits"] .ag-header-cell-filter-button').click()
    expect(
        page.get_by_text("Lớn hơn", exact=True).or_(page.get_by_text("Bằng")).first
    ).to_be_visible()
    own = (dashboards.url, "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []


@pytest.mark.parametrize("name", ["rankings", "dossiers", "quality", "indicators"])
def test_how_a_grid_is_sorted_and_filtered_stands_in_the_address_and_holds_when_it_is_opened(
    page: Page, dashboards: Served, api: StandInApi, name: str
) -> None:
    api.catalogue = CATALOGUE
    api.publish(situation(many_units(12)))
    page.goto(f"{dashboards.url}/{name}")
    expect(page.locator(ROWS).first).to_be_visible()
    before = names(page)
    click_head(page, "unit")
    if name != "quality":  # which begins with that order, the other way
        click_head(page, "unit")
    eventually(lambda: query(page).get("sort") == ["-unit"], what="the order in the address")
    ordered = names(page)
    assert ordered != before
    page.goto(page.url)
    expect_names(page, ordered)
    condition = '{"unit":{"filterType":"text","type":"contains","filter":"xyzzy"}}'
    page.goto(f"{dashboards.url}/{name}?filter={condition}&sort=-unit")
    expect(page.locator(".ag-overlay-no-matching-rows-center")).to_be_visible()
    expect(page.locator(ROWS)).to_have_count(0)
    assert query(page).get("filter") == [condition]
