"""Acts on desk pages: sent as whoever is signed in, with a proof; each end has its own words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards import judged
from tests.dashboards.examples import example, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi
from tests.waiting import eventually

pytestmark = pytest.mark.browser

MINE = f"{judged.CONTEST[:-1]}2"


@pytest.fixture(autouse=True)
def _told(api: StandInApi, dashboards: Served) -> None:
    names = (
        example("dung", judged.HOSTILE, ratings=120, waiting=0),
        example("dai", judged.LONG, ratings=120, waiting=0),
    )
    api.publish(situation(names))
    api.catalogue = CATALOGUE
    api.told = judged.answers("dung")
    api.become(judged.EVERYTHING, dashboards)


def answer(page: Page, dashboards: Served, said: str) -> None:
    page.goto(f"{dashboards.url}/contests?contest={MINE}")
    page.locator("textarea").fill(said)
    page.get_by_role("button", name="Trả lời", exact=True).click()


def test_an_answer_is_sent_to_the_api_and_the_page_says_that_it_is_done(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    answer(page, dashboards, "Số liệu đúng.")
    expect(page.locator(".outcome")).to_contain_text("Đã thực hiện")
    ((method, path, body),) = api.taken
    assert (method, path) == ("POST", f"/contests/{MINE}/answer")
    assert json.loads(body) == {"effect": "kept", "answer": "Số liệu đúng.", "entries": []}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "không được thực hiện"),
        (404, "không tồn tại"),
        (409, "người khác vừa thay đổi trước"),
        (422, "chưa hợp lệ"),
        (503, "Máy chủ chưa trả lời"),
    ],
)
def test_what_is_not_done_says_why_and_keeps_what_was_entered(
    page: Page, dashboards: Served, api: StandInApi, status: int, said: str
) -> None:
    api.answered = (status, {"detail": "đúng là như vậy"})
    answer(page, dashboards, "Một câu trả lời dài.")
    alert = page.locator(".outcome [role=alert]")
    expect(alert).to_contain_text(said)
    expect(alert).to_contain_text("đúng là như vậy")
    expect(page.locator("textarea")).to_have_value("Một câu trả lời dài.")


def test_a_page_that_was_opened_by_somebody_else_does_nothing(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/contests?contest={MINE}")
    page.locator("textarea").fill("Của người trước.")
    page.evaluate("document.cookie = '__Host-motcua=another; path=/; secure'")
    page.get_by_role("button", name="Trả lời", exact=True).click()
    expect(page.locator(".outcome [role=alert]")).to_contain_text("trước lần đăng nhập hiện tại")
    assert api.taken == []


def test_a_scored_appraisal_carries_points_counts_and_evidence(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/appraisal?appraisal={judged.APPRAISAL}")
    first = page.get_by_label("căn cứ").first
    expect(first).to_have_value(judged.HOSTILE)
    first.fill("Biên bản số 12")
    page.get_by_label("Ý kiến").fill("Đồng ý.")
    page.get_by_role("button", name="Gửi điểm đánh giá").click()
    expect(page.locator(".outcome")).to_contain_text("Đã thực hiện")
    ((_, path, body),) = api.taken
    assert path == f"/appraisals/{judged.APPRAISAL}/appraisal"
    sent = json.loads(body)
    assert sent["comment"] == "Đồng ý."
    assert [(each["points"], each["evidence"]) for each in sent["entries"]] == [
        ("1.5", "Biên bản số 12"),
        ("1.5", judged.HOSTILE),
    ]


def test_an_account_is_made_and_its_link_is_shown_once(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.answered = (201, {"token": "one-time"})
    page.goto(f"{dashboards.url}/accounts")
    page.get_by_text("Tạo tài khoản", exact=True).first.click()
    page.get_by_label("Tên đăng nhập hoặc tên gọi").first.fill("le-chi")
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.locator(".once code")).to_have_text("/links/one-time")
    ((method, path, body),) = api.taken
    assert (method, path, json.loads(body)["name"]) == ("POST", "/accounts", "le-chi")


def test_who_may_only_read_is_offered_no_act(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    rights = {"read_contests": ("province",), "read_figures": ("province",)}
    api.become(replace(judged.EVERYTHING, rights=rights, full_name="Người xem"), dashboards)
    page.goto(f"{dashboards.url}/contests?contest={MINE}")
    expect(page.locator(".thread")).to_be_visible()
    expect(page.locator("button.act")).to_have_count(0)


def test_a_comment_is_read_and_shown_or_withheld_by_whoever_may(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/comments?unit=dung")
    expect(page.locator(".thread > li")).to_have_count(3)
    first = page.locator(".thread > li").first
    expect(first).to_contain_text("Khẩn cấp")
    expect(first).to_contain_text("chưa đọc")
    table = page.locator("table.listed")
    expect(table).to_contain_text("90,0% (76,9% – 96,0%)")
    expect(table.locator("tr").last).to_contain_text("chưa đủ mẫu")
    first.get_by_role("button", name="Cho xem trong đơn vị").click()
    expect(page.locator(".outcome")).to_contain_text("Đã thực hiện")
    page.locator(".thread > li").nth(1).get_by_text("Không cho xem", exact=True).click()
    page.get_by_role("button", name="Xác nhận").locator("visible=true").click()
    eventually(lambda: len(api.taken) == 2, what="both acts")
    readings = [(method, path, json.loads(body)) for method, path, body in api.taken]
    assert readings == [
        ("PUT", f"/comments/{judged.APPRAISAL}/reading", {"shown": True}),
        ("PUT", f"/comments/{judged.APPRAISAL[:-1]}2/reading", {"shown": False}),
    ]
    page.locator("#comments-state").click()
    page.get_by_text("Chưa đọc", exact=True).last.click()
    eventually(lambda: "/api/v1/comments?unit=dung&state=unread" in api.asked, what="the unread")
    page.wait_for_url("**/comments?unit=dung&state=unread*")


def test_a_file_is_tried_and_its_faults_read_before_it_is_kept(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    told = {"stored": 1, "rejected": 1, "committed": False, "dry_run": True, "notices": []}
    fault = {
        "line": 3, "column": "unit", "value": judged.HOSTILE, "reason_vi": "không có đơn vị này",
        "reason_en": "no such unit", "remedy_vi": "sửa mã", "remedy_en": "correct it",
    }  # fmt: skip
    api.answered = (200, told | {"faults": [fault], "rejected_rows": "code,unit\nB,c\n"})
    page.goto(f"{dashboards.url}/imports")
    expect(page.locator("button.act")).to_be_disabled()
    file = {"name": "hồ sơ.csv", "mimeType": "text/csv", "buffer": b"code,unit\nA,b\n"}
    page.locator(".drop input[type=file]").set_input_files([file])
    expect(page.locator(".report")).to_contain_text("1 dòng đúng, 1 dòng sai")
    expect(page.locator(".report table")).to_contain_text("không có đơn vị này")
    kept = told | {"committed": True, "dry_run": False, "rejected": 0, "faults": []}
    api.answered = (200, kept)
    keep = page.locator("#imports-commit")
    keep.click()
    expect(page.locator(".report")).to_contain_text("đã lưu 1 dòng")
    tried, sent = api.taken
    assert "dry_run=true" in tried[1]
    assert "dry_run=false" in sent[1]
    assert sent[2] == b"code,unit\nA,b\n"


def test_rejected_rows_are_corrected_on_the_page_tried_and_kept_alone(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    told = {"stored": 0, "rejected": 1, "committed": False, "dry_run": True, "notices": []}
    api.answered = (200, told | {"faults": [], "rejected_rows": "code,unit\nB,c\n"})
    page.goto(f"{dashboards.url}/imports")
    file = {"name": "hồ sơ.csv", "mimeType": "text/csv", "buffer": b"code,unit\nA,b\nB,c\n"}
    page.locator(".drop input[type=file]").set_input_files([file])
    page.get_by_text("Sửa các dòng sai ngay tại đây").click()
    rows = page.locator(".report textarea")
    expect(rows).to_have_value("code,unit\nB,c\n")
    rows.fill("code,unit\nB,b\n")
    api.answered = (200, told | {"stored": 1, "rejected": 0})
    page.get_by_role("button", name="Kiểm tra các dòng đã sửa").click()
    keep = page.locator("#imports-commit")
    expect(keep).to_be_enabled()
    expect(page.locator(".report")).to_contain_text("hồ sơ.corrected.csv")
    api.answered = (200, told | {"stored": 1, "rejected": 0, "committed": True, "dry_run": False})
    keep.click()
    expect(page.locator(".report")).to_contain_text("đã lưu 1 dòng")
    _, tried, sent = api.taken
    assert ("dry_run=true" in tried[1], "dry_run=false" in sent[1]) == (True, True)
    assert tried[2] == sent[2] == b"code,unit\nB,b\n"


def test_rankings_stand_beside_another_period_and_lead_on_within_the_unit(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    page.goto(f"{dashboards.url}/rankings?beside=2026-09")
    row = page.locator(".ag-center-cols-container .ag-row").first
    expect(row.locator('[col-id="rank_beside"]')).to_contain_text("hạng")
    expect(row.locator('[col-id="n"]')).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        "unit?unit=dung",
        "units",
        "rankings",
        "chairman",
        "quality",
        "dossiers",
        "contests",
        "comments",
        f"contests?contest={judged.CONTEST}",
        f"appraisal?appraisal={judged.APPRAISAL}",
        "accounts",
    ],
)
def test_names_and_texts_that_hold_markup_stay_text(
    page: Page, dashboards: Served, path: str
) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.goto(f"{dashboards.url}/{path}")
    expect(page.locator("main").get_by_text("onerror=alert(1)").first).to_be_attached()
    assert page.locator('img[src="x"]').count() == 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]
    eventually(lambda: asked == [], what="no dialog")


def test_the_next_version_of_a_scheme_is_checked_and_then_put_in_force(
    page: Page, dashboards: Served, api: StandInApi
) -> None:
    api.told = dict(api.told) | {"schemes/qd766-2022/1": b'{"toml": "id = 1"}'}
    api.become(judged.EVERYTHING, dashboards)
    page.goto(f"{dashboards.url}/schemes?scheme=qd766-2022:1")
    page.locator("summary", has_text="Soạn phiên bản kế tiếp").click()
    expect(page.locator("textarea").first).to_have_value("id = 1")
    page.locator("textarea").first.fill("id = 2")
    tried = {"id": "qd766-2022", "version": 2, "valid_from": "2027-01-01", "criteria": [{}, {}]}
    api.answered = (200, tried)
    button = page.get_by_role("button", name="Thực hiện")
    button.click()
    expect(page.locator(".outcome")).to_contain_text("phiên bản 2, áp dụng từ 01/01/2027")
    eventually(lambda: bool(api.taken), what="the act")
    assert api.taken[-1] == ("POST", "/schemes/trial", b'{"toml":"id = 2"}')
    api.answered = (422, {"detail": "tệp bộ tiêu chí chưa đúng: maximum"})
    button.click()
    expect(page.locator(".outcome")).to_contain_text("maximum")
    expect(page.locator("textarea").first).to_have_value("id = 2")


def test_a_contested_share_is_written_in_per_cent(page: Page, dashboards: Served) -> None:
    page.goto(f"{dashboards.url}/contests?contest={MINE}")
    expect(page.locator(".thread")).to_contain_text("93,0%")
