"""A source is read from its cursor on, safely again, and says where it breaks off."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from server.sources.mappings import SourceMapping
from server.sources.pull import Pulled, pull
from tests.server.asking import ask
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

NOW = datetime(2026, 10, 1, tzinfo=UTC)
HTTP = {
    "url": "https://tthc.example.vn/api",
    "items": "data",
    "since": "tuNgay",
    "page": "trang",
    "page_size": ("so", 2),
}
FIELDS = {
    "code": "MaHoSo",
    "revision": "NgayCapNhat",
    "procedure": "MaTTHC",
    "receiving_unit": "DonVi",
    "received_at": "NgayTiepNhan",
}


def item(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "MaHoSo": f"HS-{number}",
        "NgayCapNhat": f"2026060{number}080000",
        "MaTTHC": "1.1",
        "DonVi": "vo-cuong",
        "NgayTiepNhan": "20260601080000",
        "ChuHoSo": "Nguyễn Thị Bích Hạnh",
    } | fields


@pytest.fixture
def books(database_url: str) -> str:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO unit (id, name_vi, name_en) VALUES ('vo-cuong', 'x', 'x')")
    return database_url


def run_pull(
    database_url: str,
    answer: Callable[[httpx.Request], httpx.Response] | None = None,
    **mapping: Any,
) -> Pulled:
    place = {"http": HTTP} if answer is not None else {}
    source = SourceMapping.model_validate({"source": "tthc", "fields": FIELDS} | place | mapping)
    client = None if answer is None else httpx.Client(transport=httpx.MockTransport(answer))
    return ask(database_url, lambda connection: pull(connection, source, NOW, client))


def pages(*found: list[dict[str, Any]]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["trang"])
        items = found[number - 1] if number <= len(found) else []
        return httpx.Response(200, json={"data": items})

    return answer


def status(database_url: str) -> dict[str, Any]:
    (source,) = Client(database_url).send("GET", "/api/v1/sources").json()
    return source


def count(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM dossier").fetchone()
        assert row is not None
        return int(row[0])


def test_list_is_read_to_its_end_and_the_next_run_begins_at_the_cursor(books):
    found = run_pull(books, pages([item(1), item(2)], [item(3)]))
    assert (found.records, found.refused, found.problem) == (3, 0, None)
    assert status(books)["cursor"] == "20260603080000"
    asked = []

    def again(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["tuNgay"])
        return httpx.Response(200, json={"data": [item(3)]})

    run_pull(books, again)
    assert asked == ["20260603070000"]  # an hour before, for clocks differ
    assert count(books) == 3


def test_refused_records_are_named_without_their_values(books):
    wrong = item(2, NgayTiepNhan="Nguyễn Thị Bích Hạnh")
    found = run_pull(books, pages([item(1), wrong], [item(3, DonVi="nowhere")]))
    assert (found.records, found.refused) == (3, 2)
    told = status(books)
    assert {(each["record"], each["field"]) for each in told["refusals"]} == {
        ("HS-2", "received_at"),
        ("HS-3", "receiving_unit"),
    }
    assert "Nguyễn" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: httpx.Response(200, text="<html>sign on</html>"), "web page"),
        (lambda _: httpx.Response(200, text='{"data": [{"MaHoSo"'), "no complete JSON"),
        (lambda _: httpx.Response(500), "status 500"),
        (lambda _: httpx.Response(200, json={"rows": []}), "no list of records"),
        (lambda _: httpx.Response(200, json={"data": [item(1), item(2)]}), "has come before"),
    ],
    ids=["web page", "half a page", "error", "other shape", "the same page for ever"],
)
def test_source_that_breaks_off_keeps_its_cursor_and_is_said(books, answer, said):
    run_pull(books, pages([item(1)]))
    before = status(books)["cursor"]
    found = run_pull(books, answer)
    assert said in (found.problem or "")
    told = status(books)
    assert (told["cursor"], told["problem"]) == (before, found.problem)
    assert run_pull(books, pages([item(1), item(4)])).problem is None
    assert status(books)["problem"] is None


def test_source_that_cannot_be_reached_is_said(books):
    def fail(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to 10.0.0.1")

    found = run_pull(books, fail)
    assert found.problem == "the source cannot be reached: ConnectError"


def test_files_of_a_folder_are_read_once_in_order(books, tmp_path: Path):
    folder = {"path": str(tmp_path), "pattern": "*.json"}
    for name, number in (("2026-06-02.json", 2), ("2026-06-01.json", 1)):
        tmp_path.joinpath(name).write_text(json.dumps([item(number)]))
    assert run_pull(books, folder=folder).records == 2
    tmp_path.joinpath("2026-06-03.json").write_text(json.dumps([item(3)]))
    assert run_pull(books, folder=folder).records == 1
    assert (count(books), status(books)["cursor"]) == (3, "2026-06-03.json")


def test_file_that_is_cut_off_stops_the_folder_and_is_read_when_it_is_whole(books, tmp_path: Path):
    folder = {"path": str(tmp_path), "pattern": "*.json"}
    tmp_path.joinpath("1.json").write_text("[{")
    tmp_path.joinpath("2.json").write_text(json.dumps([item(2)]))
    assert run_pull(books, folder=folder).problem
    assert count(books) == 0
    tmp_path.joinpath("1.json").write_text(json.dumps([item(1)]))
    assert run_pull(books, folder=folder).records == 2
