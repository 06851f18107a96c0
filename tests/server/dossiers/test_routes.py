"""Batches of dossiers and events over REST: idempotent, and telling what was not taken."""

from __future__ import annotations

from collections.abc import Iterator
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


def put(client: Client, *records: dict[str, Any], key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    batch = {"source": "tthc", "records": list(records)}
    return client.send("PUT", "/api/v1/dossiers", json=batch, headers=headers)


def state(books: psycopg.Connection) -> tuple[Any, ...]:
    row = books.execute("SELECT ended_by, timeliness, family, channel FROM dossier").fetchone()
    assert row is not None
    return row


def test_dossier_is_stored_with_its_state(client, books):
    answer = put(client, DOSSIER | {"processed_at": "2026-06-05T16:00:00+07:00"})
    assert answer.json() == {"stored": 1, "unchanged": 0, "refused": [], "repeated": False}
    assert state(books) == ("processed", "on", "ho-tich", "direct")


def test_batch_with_the_same_key_is_answered_again_and_not_looked_at(client, books):
    first = put(client, DOSSIER, key="batch-1")
    again = put(client, DOSSIER, key="batch-1")
    assert first.json()["stored"] == again.json()["stored"] == 1
    assert again.json()["repeated"]


def test_key_of_another_batch_is_refused(client):
    put(client, DOSSIER, key="batch-1")
    answer = put(client, DOSSIER | {"channel": "post"}, key="batch-1")
    assert answer.status_code == 422
    assert "was used for another batch" in answer.json()["detail"]


def test_wrong_records_are_named_and_the_others_stored(client, books):
    answer = put(
        client,
        DOSSIER,
        DOSSIER | {"code": "B", "receiving_unit": "nowhere"},
        DOSSIER | {"code": "C", "promised_at": "2026-05-01"},
        DOSSIER | {"code": "D", "received_at": "yesterday"},
    ).json()
    assert answer["stored"] == 1
    assert [(each["index"], each["field"]) for each in answer["refused"]] == [
        (1, "receiving_unit"),
        (2, "promised_at"),
        (3, "received_at"),
    ]
    assert "yesterday" not in str(answer)


def test_codes_that_differ_in_case_and_spaces_are_one_dossier(client, books):
    put(client, DOSSIER | {"revision": "2026-06-01T08:00:00"})
    put(client, DOSSIER | {"code": " g09.20-20260609 -0092637", "revision": "2026-06-02T08:00:00"})
    assert books.execute("SELECT count(*) FROM dossier").fetchone() == (1,)


def test_older_statement_that_comes_later_changes_nothing(client, books):
    newer = DOSSIER | {"revision": "2026-06-09T08:00:00", "channel": "online"}
    older = DOSSIER | {"revision": "2026-06-08T08:00:00", "channel": "post"}
    put(client, newer)
    assert put(client, older).json() == {
        "stored": 0, "unchanged": 1, "refused": [], "repeated": False
    }  # fmt: skip
    assert state(books)[3] == "online"


def test_events_may_come_before_their_dossier_and_be_corrected(client, books):
    event = {"code": DOSSIER["code"], "id": "p-1", "kind": "processed"}

    def post(at: str, revision: str) -> Any:
        record = event | {"at": at, "revision": revision}
        batch = {"source": "tthc", "records": [record]}
        return client.send("POST", "/api/v1/dossier-events", json=batch).json()["stored"]

    assert post("2026-06-08T09:00:00", "2026-06-08T09:00:00") == 1
    put(client, DOSSIER)
    assert state(books)[:2] == ("processed", "after")
    assert post("2026-06-04T09:00:00", "2026-06-08T10:00:00") == 1
    assert state(books)[:2] == ("processed", "before")
    assert post("2026-06-08T09:00:00", "2026-06-08T09:00:00") == 0
    assert state(books)[:2] == ("processed", "before")


def test_procedure_of_one_source_is_not_taken_from_another(client, books):
    books.execute(
        "INSERT INTO procedure (code, name_vi, name_en, source) "
        "VALUES ('1.001193', 'x', 'x', 'dvcqg')"
    )
    answer = put(client, DOSSIER).json()
    assert answer["stored"] == 0
    assert answer["refused"][0]["field"] == "procedure"


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"source": "x"}', b'{"source": "A b", "records": []}']
)
def test_body_that_is_no_batch_is_refused_without_repeating_it(client, body):
    answer = client.send("PUT", "/api/v1/dossiers", content=body)
    assert answer.status_code == 422
    assert "<html>" not in answer.text
