"""Every list is read page by page in one way, and told only where its right reaches."""

from __future__ import annotations

import psycopg
import pytest

from server.access.accounts import RoleHeld
from server.access.roles import Role
from tests.server.access.office import FOREIGN, OWN, Desk, at_desk, settle, sign_in
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

LISTS = [
    "/api/v1/units", "/api/v1/counters", "/api/v1/procedures", "/api/v1/families",
    "/api/v1/dossiers", "/api/v1/complaints", "/api/v1/staff", "/api/v1/keys", "/api/v1/screens",
    "/api/v1/accounts", "/api/v1/webhooks", "/api/v1/sources", "/api/v1/quarantine",
    "/api/v1/devices", "/api/v1/contests", "/api/v1/appraisals", "/api/v1/closings",
    "/api/v1/reports", "/api/v1/reports/mails", "/api/v1/exports",
]  # fmt: skip


@pytest.fixture(scope="module")
def books(module_database_url) -> str:
    """Units with counters, dossiers and complaints of two of them."""
    settle(module_database_url)
    client = Client(module_database_url)
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        for unit in (OWN, FOREIGN):
            for number in range(3):
                connection.execute(
                    "INSERT INTO counter (unit, id) VALUES (%s, %s)", (unit, f"Q{number}")
                )
    at = {"received_at": "2026-06-01T08:00:00"}
    sent = {
        "complaints": [
            at | {"id": f"c{number}", "unit": (OWN, FOREIGN)[number % 2]} for number in range(5)
        ],
        "dossiers": [
            at
            | {"code": f"G09-{number}", "procedure": f"1.{number}", "family": f"f{number % 2}"}
            | {"promised_at": "2026-06-05"}
            | dict.fromkeys(("receiving_unit", "resolving_unit"), (OWN, FOREIGN)[number % 2])
            for number in range(5)
        ],
    }
    for kind, records in sent.items():
        answer = client.send(
            "PUT",
            f"/api/v1/{kind}?source=books",
            json={"records": records},
            headers={"Idempotency-Key": f"first-{kind}"},
        )
        assert answer.json()["stored"] == 5, answer.text
    for number in range(2):
        asked = {"name": f"key-{number}", "rights": ["read_units"]}
        assert client.send("POST", "/api/v1/keys", json=asked).status_code == 201
    return module_database_url


COUNTED = {
    "/api/v1/units": 4,
    "/api/v1/counters": 6,
    "/api/v1/procedures": 5,
    "/api/v1/families": 2,
    "/api/v1/dossiers": 5,
    "/api/v1/complaints": 5,
    "/api/v1/keys": 2,
}


def test_pages_of_one_add_up_to_every_list(books):
    async def work(desk: Desk) -> None:
        for path in LISTS:
            whole = (await desk.ask(path)).json()
            found, following = [], f"{path}?limit=1"
            while following:
                answer = await desk.ask(following)
                assert answer.status_code == 200, answer.text
                assert len(answer.json()) <= 1, path
                found += answer.json()
                following = answer.links.get("next", {}).get("url")
            assert sorted(found, key=str) == sorted(whole, key=str), path
            assert len(found) == COUNTED.get(path, len(found)), path

    at_desk(books, work, trial=True, await_figures=False)


def test_a_head_reads_the_books_of_the_own_units_alone(books):
    head = sign_in(books, "the-head", RoleHeld(role=Role.UNIT_HEAD, unit=OWN))

    async def work(desk: Desk) -> None:
        for path in ("/api/v1/dossiers", "/api/v1/complaints", "/api/v1/counters"):
            asked = (path, f"{path}?unit={OWN}", f"{path}?unit={FOREIGN}")
            whole, own, foreign = [(await desk.ask(each, head)).json() for each in asked]
            assert whole, path
            assert whole == own, path
            assert foreign == [], path
            assert not {"officer", "applicant", "stated_officer"} & set(whole[0]), path

    at_desk(books, work, await_figures=False)


def test_open_dossiers_of_a_time_are_told(books):
    client = Client(books)

    def codes(query: str) -> list[str]:
        return [each["code"] for each in client.send("GET", f"/api/v1/dossiers?{query}").json()]

    everything = [f"G09-{number}" for number in range(5)]
    assert codes("open=true") == codes("since=2026-06-01&until=2026-06-02") == everything
    assert codes("open=false") == codes("until=2026-06-01T08:00:00") == []
    assert codes("procedure=1.3") == ["G09-3"]


def test_what_is_held_is_not_sent_again(books):
    paths = (
        "/api/v1/units",
        "/api/v1/catalogue",
        "/api/v1/schemes",
        "/api/v1/procedures",
        "/api/v1/readings?period=2026-06",
        "/api/v1/rankings?period=2026-06",
        "/api/v1/ioc/figures?period=2026-06",
        "/api/v1/ioc/units?format=csv",
        "/api/v1/classes?scheme=qd766-2022&period=2026-Q2",
        "/api/v1/closings",
        "/api/v1/alert-rules",
        *LISTS,
    )

    async def work(desk: Desk) -> None:
        for path in paths:
            first = await desk.ask(path)
            held = {"If-None-Match": f'"other", {first.headers["etag"]}'}
            second = await desk.ask(path, headers=held)
            assert (first.status_code, second.status_code, second.content) == (200, 304, b""), path
            assert second.headers["etag"] == first.headers["etag"]
            assert second.headers["cache-control"].startswith(("no-store", "private, no-cache"))

    at_desk(books, work, trial=True, await_figures=False)
