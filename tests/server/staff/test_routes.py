"""Staff over HTTP."""

from __future__ import annotations

import httpx
import pytest

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
