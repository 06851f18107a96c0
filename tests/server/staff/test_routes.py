"""Staff over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from contract.local_time import LOCAL_TIME
from server.app import ApiSettings, create_app
from tests.coroutines import run

pytestmark = pytest.mark.integration

KEY = {"Idempotency-Key": "roster-2026-10-05"}
AN = {"code": "cb-1", "name": "Nguyễn Văn An", "unit": "bac-ninh", "position": "Công chức"}


def asked(database_url: str, *requests: tuple) -> list[httpx.Response]:
    """Return the answers to requests: method, path, body, headers."""

    async def ask() -> list[httpx.Response]:
        app = create_app(database_url, ApiSettings.read(trial=True))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", headers={"Accept-Language": "en"}
            ) as client:
                return [
                    await client.request(
                        method,
                        f"/api/v1{path}",
                        headers=headers,
                        **({"content": body} if isinstance(body, bytes) else {"json": body}),
                    )
                    for method, path, body, headers in requests
                ]

    return run(ask())


def test_batch_is_stored_once_and_read_with_names(imports, database_url):
    body = {"records": [{**AN, "name": "Nguyễn Văn Anh"}]}
    first, again, staff = asked(
        database_url,
        ("PUT", "/staff", body, KEY),
        ("PUT", "/staff", body, KEY),
        ("GET", "/staff?unit=bac-ninh", None, {}),
    )
    expected = {"stored": 1, "rejected": 0, "committed": True, "faults": []}
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, expected)
    assert [(post["code"], post["name"], post["position"]) for post in staff.json()] == [
        ("CB-1", "Nguyễn Văn Anh", "Công chức"),
        ("CB-2", "Trần Thị Bình", ""),
    ]
    assert [post["valid_from"] for post in staff.json()] == [None, "2025-07-01"]


def test_refused_batches_say_why(imports, database_url):
    shift = {"officer": "CB-9", "unit": "bac-ninh", "counter": "quay-1"}
    times = {"starts_at": "2026-10-05 07:30", "ends_at": "2026-10-05 11:30"}
    wrong, keyless, other, nonsense = asked(
        database_url,
        ("PUT", "/assignments", {"records": [{**shift, **times}]}, KEY),
        ("PUT", "/staff", {"records": [AN]}, {}),
        ("PUT", "/staff", {"records": []}, KEY),
        ("PUT", "/staff", {"people": []}, KEY),
    )
    assert wrong.status_code == 422
    (fault,) = wrong.json()["faults"]
    assert (fault["record"], fault["column"], fault["code"]) == (0, "officer", "unknown_officer")
    assert keyless.status_code == 422
    assert "Idempotency-Key" in keyless.text
    assert [answer.status_code for answer in (other, nonsense)] == [422, 422]
    assert "the body is no batch" in nonsense.json()["detail"]


def test_a_file_is_tried_and_kept_only_then_whole_or_without_its_wrong_rows(imports, database_url):
    wrong = "code,name,unit\ncb-8,Lê Thị Tám,bac-ninh\ncb-9,Phạm Chín,nowhere\n".encode()
    path = "/imports/staff?file=danh-sach.csv"
    tried, whole, going, staff = asked(
        database_url,
        ("POST", path, wrong, {}),
        ("POST", f"{path}&dry_run=false", wrong, {}),
        ("POST", f"{path}&dry_run=false&keep_going=true", wrong, {}),
        ("GET", "/staff?unit=bac-ninh", None, {}),
    )
    (fault,) = tried.json()["faults"]
    assert (fault["line"], fault["column"], fault["value"]) == (3, "unit", "nowhere")
    told = [
        (each.status_code, each.json()["stored"], each.json()["rejected"], each.json()["committed"])
        for each in (tried, whole, going)
    ]
    assert told == [(200, 1, 1, False), (422, 1, 1, False), (200, 1, 1, True)]
    assert "CB-8" in {post["code"] for post in staff.json()}


@pytest.mark.parametrize("file", [b"", b"\x00\x01", b"one,two\n1,2\n"])
def test_a_file_that_is_no_table_is_refused_in_words(imports, database_url, file):
    (answer,) = asked(database_url, ("POST", "/imports/staff?file=x.csv", file, {}))
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert "/tmp" not in answer.text


def test_offices_are_written_by_batch_and_by_file_and_wrong_rows_come_back(imports, database_url):
    units = "id,parent,name_vi\ntu-son,bac-ninh,Từ Sơn\nque-vo,nowhere,Quế Võ\n".encode()
    holiday = {"calendar": "default", "day": "2026-03-02", "hours": "off", "note": "Hội Lim"}
    counter = {"unit": "bac-ninh", "id": "quay-3", "name_vi": "Quầy 3", "valid_from": "2026-01-01"}
    birth = {"code": "1.001193", "name_vi": "Đăng ký khai sinh", "limit_days": "1"}
    path = "/imports/units?file=don-vi.csv"
    tried, kept, day, added, known, calendars, counters, procedures, listed = asked(
        database_url,
        ("POST", path, units, {}),
        ("POST", f"{path}&dry_run=false&keep_going=true", units, {}),
        ("PUT", "/calendars", {"records": [holiday]}, {"Idempotency-Key": "a-holiday"}),
        ("PUT", "/counters", {"records": [counter]}, {"Idempotency-Key": "a-counter"}),
        ("PUT", "/procedures", {"records": [birth]}, {"Idempotency-Key": "a-procedure"}),
        ("GET", "/calendars?year=2026", None, {}),
        ("GET", "/counters?unit=bac-ninh", None, {}),
        ("GET", "/procedures", None, {}),
        ("GET", "/units", None, {}),
    )
    assert [each.status_code for each in (tried, kept, day, added, known)] == [200] * 5
    assert (tried.json()["committed"], kept.json()["committed"]) == (False, True)
    _, wrong = tried.json()["rejected_rows"].splitlines()
    assert wrong.startswith('que-vo,nowhere,Quế Võ,3,"parent: đơn vị cấp trên không có')
    own = [each for each in calendars.json() if each["source"] == "province"]
    assert [(each["day"], each["hours"], each["note"]) for each in own] == [
        ("2026-03-02", "", "Hội Lim")
    ]
    country = {each["day"]: each["hours"] for each in calendars.json() if each not in own}
    assert country["2026-09-02"] == ""
    assert ("quay-3", "2026-01-01") in {(e["id"], e["valid_from"]) for e in counters.json()}
    assert [each["code"] for each in procedures.json()] == ["1.001193"]
    assert {each["id"] for each in listed.json()} == {"bac-ninh", "tu-son"}


def test_who_serves_now_is_told_by_the_roster_of_this_moment(imports, roster, database_url):
    now = datetime.now(LOCAL_TIME)
    shifts = [
        ("cb-1", "quay-1", now - timedelta(hours=1), now + timedelta(hours=1)),
        ("cb-2", "quay-2", now + timedelta(days=2), now + timedelta(days=2, hours=1)),
    ]
    lines = [
        f"{officer},bac-ninh,{counter},{start:%Y-%m-%d %H:%M},{end:%Y-%m-%d %H:%M}"
        for officer, counter, start, end in shifts
    ]
    imports("assignments", roster(*lines))
    later = (now + timedelta(days=2)).date().isoformat()
    serving, foreign, listed = asked(
        database_url,
        ("GET", "/serving?unit=bac-ninh", None, {}),
        ("GET", "/serving?unit=que-vo", None, {}),
        ("GET", f"/assignments?day={later}", None, {}),
    )
    told = [(each["counter"], each["officer"], each["signed_on"]) for each in serving.json()]
    assert told == [("quay-1", "CB-1", False)]
    assert foreign.json() == []
    assert [each["name"] for each in listed.json()] == ["Trần Thị Bình"]
