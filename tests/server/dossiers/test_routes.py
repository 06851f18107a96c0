"""Batches of dossiers and events over REST: idempotent, and telling what was not taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import psycopg
import pytest

from tests.server.requesting import Client

DOSSIER = {
    "code": "G09.20-20260609-0092637",
    "procedure": "1.001193",
    "family": "Ho-Tich",
    "receiving_unit": "vo-cuong",
    "resolving_unit": "vo-cuong",
    "received_at": "2026-06-01T08:00:00",
    "promised_at": "2026-06-05",
}


@pytest.fixture
def books(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en) VALUES ('vo-cuong', 'Võ Cường', 'Vo Cuong')"
        )
        yield connection


@pytest.fixture
def client(database_url: str, books: psycopg.Connection) -> Client:
    return Client(database_url)


KEYS = count()


def send(client: Client, method: str, path: str, records: Any, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key or f"batch-{next(KEYS):04}"}
    where = f"{path}?source=tthc&keep_going=true"
    return client.send(method, where, json={"records": list(records)}, headers=headers)


def put(client: Client, *records: dict[str, Any], key: str | None = None) -> Any:
    return send(client, "PUT", "/api/v1/dossiers", records, key)


def state(books: psycopg.Connection) -> tuple[Any, ...]:
    row = books.execute("SELECT ended_by, timeliness, family, channel FROM dossier").fetchone()
    assert row is not None
    return row


def test_dossier_is_stored_with_its_state(client, books):
    answer = put(client, DOSSIER | {"processed_at": "2026-06-05T16:00:00+07:00"})
    assert (answer.json()["stored"], answer.json()["faults"]) == (1, [])
    assert state(books) == ("processed", "on", "ho-tich", "direct")


def test_batch_with_the_same_key_is_stored_once(client, books):
    first = put(client, DOSSIER, key="batch-one")
    books.execute("DELETE FROM dossier")
    assert put(client, DOSSIER, key="batch-one").json() == first.json()
    assert books.execute("SELECT count(*) FROM dossier").fetchone() == (0,)


def test_wrong_records_are_named_and_the_others_stored(client, books):
    answer = put(
        client,
        DOSSIER,
        DOSSIER | {"code": "B", "receiving_unit": "nowhere"},
        DOSSIER | {"code": "C", "promised_at": "2026-05-01"},
        DOSSIER | {"code": "D", "received_at": "yesterday"},
        DOSSIER | {"code": "E", "processed_at": "2026-05-31T08:00:00"},
        DOSSIER | {"code": "F", "supplements": "2026-06-03 > 2026-06-02"},
    ).json()
    assert answer["stored"] == 1
    assert [(each["record"], each["column"], each["code"]) for each in answer["faults"]] == [
        (1, "receiving_unit", "unknown_unit"),
        (2, "promised_at", "before_receipt"),
        (3, "received_at", "not_a_time"),
        (4, "processed_at", "before_receipt"),
        (5, "supplements", "answered_before_asked"),
    ]


def test_codes_that_differ_in_case_and_spaces_are_one_dossier(client, books):
    put(client, DOSSIER | {"revision": "2026-06-01T08:00:00"})
    put(client, DOSSIER | {"code": " g09.20-20260609 -0092637", "revision": "2026-06-02T08:00:00"})
    assert books.execute("SELECT count(*) FROM dossier").fetchone() == (1,)


def test_one_dossier_twice_in_a_batch_is_refused_where_it_differs(client, books):
    answer = put(client, DOSSIER, DOSSIER, DOSSIER | {"channel": "post"}).json()
    assert [(each["record"], each["code"]) for each in answer["faults"]] == [(2, "twice")]


def test_older_statement_that_comes_later_changes_nothing(client, books):
    put(client, DOSSIER | {"revision": "2026-06-09T08:00:00", "channel": "online"})
    put(client, DOSSIER | {"revision": "2026-06-08T08:00:00", "channel": "post"})
    assert state(books)[3] == "online"


def test_events_may_come_before_their_dossier_and_be_corrected(client, books):
    def post(at: str, revision: str) -> None:
        event = {"code": DOSSIER["code"], "id": "p-1", "kind": "processed"}
        send(client, "POST", "/api/v1/dossier-events", [event | {"at": at, "revision": revision}])

    post("2026-06-08T09:00:00", "2026-06-08T09:00:00")
    put(client, DOSSIER)
    assert state(books)[:2] == ("processed", "after")
    post("2026-06-04T09:00:00", "2026-06-08T10:00:00")
    assert state(books)[:2] == ("processed", "before")
    post("2026-06-08T09:00:00", "2026-06-08T09:00:00")
    assert state(books)[:2] == ("processed", "before")


def test_procedure_of_one_source_is_not_taken_from_another(client, books):
    books.execute(
        "INSERT INTO procedure (code, name_vi, name_en, source) "
        "VALUES ('1.001193', 'x', 'x', 'dvcqg')"
    )
    answer = put(client, DOSSIER).json()
    assert [(each["column"], each["code"]) for each in answer["faults"]] == [
        ("procedure", "other_source")
    ]


def test_supplements_are_read_and_waited_for(client, books):
    asked = "02/06/2026 17:00 > 04/06/2026 17:00; 2026-06-05T08:00:00+07:00"
    put(client, DOSSIER | {"supplements": asked})
    row = books.execute("SELECT requests, waits_for_citizen FROM dossier").fetchone()
    assert row == (2, True)
