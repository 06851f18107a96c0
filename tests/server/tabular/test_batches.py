"""Batches over REST: stored once under their key, whole or with what is right, answered alike."""

from __future__ import annotations

import json
from functools import partial
from threading import Barrier, Thread

import psycopg
import pytest

from server.errors import KeyReused, RequestInvalid
from server.staff.imports import ASSIGNMENTS_FROM_API, STAFF
from server.tabular.batches import BatchAnswer, take_batch
from server.tabular.schemas import body_of
from server.units.imports import UNITS
from tests.server.asking import ask

KEY = "batch-0001"
AN = {"code": "cb-1", "name": "Nguyễn Văn An", "unit": "tu-son"}
BINH = {"code": "cb-2", "name": "Trần Thị Bình", "unit": "nowhere", "position": None}


@pytest.fixture
def take(database_url):
    """Take a batch of officers in a transaction of its own, as a route does."""

    def run(*records: object, key: str = KEY, kind=STAFF, **options: bool) -> BatchAnswer:
        body = json.dumps({"records": records}).encode()

        async def work(connection):
            async with connection.transaction():
                return await take_batch(connection, kind, body, key, **options)

        return ask(database_url, work)

    run({"id": "tu-son", "name_vi": "Từ Sơn"}, kind=UNITS)
    return run


@pytest.fixture
def officers(database_url):
    def read() -> list[str]:
        with psycopg.connect(database_url) as connection:
            return [row[0] for row in connection.execute("SELECT code FROM officer ORDER BY 1")]

    return read


@pytest.mark.integration
def test_same_batch_under_the_same_key_is_answered_alike_and_stored_once(take, officers):
    first = take(AN)
    assert first == BatchAnswer(stored=1, rejected=0, committed=True, faults=())
    assert take(AN) == first
    assert officers() == ["CB-1"]


@pytest.mark.integration
def test_another_batch_under_the_same_key_is_refused(take):
    take(AN)
    with pytest.raises(KeyReused, match="give each batch a key of its own"):
        take({**AN, "name": "Nguyễn Văn Anh"})


@pytest.mark.integration
def test_wrong_record_keeps_the_whole_batch_out_and_frees_its_key(take, officers):
    answer = take(AN, BINH)
    assert (answer.stored, answer.rejected, answer.committed) == (0, 1, False)
    (fault,) = answer.faults
    assert (fault.record, fault.column, fault.value, fault.code) == (
        1,
        "unit",
        "nowhere",
        "unknown_unit",
    )
    assert fault.reason_vi == "không có đơn vị này"
    assert officers() == []
    assert take(AN, {**BINH, "unit": "tu-son"}).committed
    assert officers() == ["CB-1", "CB-2"]


@pytest.mark.integration
def test_keep_going_stores_what_is_right(take, officers):
    answer = take(AN, BINH, keep_going=True)
    assert (answer.stored, answer.rejected, answer.committed) == (1, 1, True)
    assert officers() == ["CB-1"]


@pytest.mark.integration
def test_batch_that_comes_twice_at_once_is_stored_once(database_url, take, officers):
    body = json.dumps({"records": [AN]}).encode()
    answers: list[BatchAnswer] = []
    together = Barrier(2)

    async def work(connection):
        async with connection.transaction():
            together.wait()
            return await take_batch(connection, STAFF, body, KEY)

    threads = [Thread(target=lambda: answers.append(ask(database_url, work))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert officers() == ["CB-1"]


@pytest.mark.integration
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<html>", "no batch"),
        (b'{"records": []}', "no batch"),
        (b'{"records": [{"code": {"a": 1}}]}', "no batch"),
        (b'{"records": [{"codes": "1"}]}', "record 0 has the field 'codes'; there are code, name"),
    ],
)
def test_body_that_is_no_batch_is_refused(database_url, body, complaint):
    with pytest.raises(RequestInvalid, match=complaint):
        ask(database_url, partial(take_batch, kind=STAFF, body=body, key=KEY))


@pytest.mark.integration
def test_assignments_say_that_they_came_over_rest(take, database_url):
    take(AN)
    shift = {"officer": "CB-1", "unit": "tu-son", "id": "x"}
    times = {"starts_at": "2026-10-05T07:30:00+07:00", "ends_at": "20261005113000"}
    assert take({**shift, **times}, kind=ASSIGNMENTS_FROM_API).committed
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT id, source, ends_at = '2026-10-05 11:30+07' FROM assignment"
        ).fetchone()
    assert row == ("X", "api", True)


def test_document_describes_every_column():
    content = body_of(STAFF.record)["requestBody"]["content"]["application/json"]
    item = content["schema"]["properties"]["records"]["items"]
    assert list(item["properties"]) == [column.name for column in STAFF.record.columns]
    assert item["required"] == ["code", "name", "unit"]
