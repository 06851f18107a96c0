"""Files for analysts hold what the API says, and nothing that it would not say."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from server.db.connection import session_conninfo
from server.exports.exports import KEPT_DAYS
from server.exports.store import purge_exports
from server.web.problems import ErrorCode
from tests.server import build
from tests.server.access.office import acts
from tests.server.asking import ask, store
from tests.server.exports.files import EXPORTS, fetch, rows_of, write_now
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

MORNING = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def books(module_database_url) -> str:
    """Two units with ratings, visits, waits and queues; one has a name that would be computed."""
    for unit, score in (("a", 5), ("b", 1)):
        place = replace(build.HERE, unit=unit)
        told = []
        for number in range(40):
            at = MORNING + timedelta(seconds=100 * number)
            told += [
                build.rating(at, score, address=place),
                build.visit(at, 60.0 + number, address=place),
                build.wait(at, 30.0 * number, address=place),
            ]
        quiet = MORNING + timedelta(days=1)
        told += [
            build.observation(quiet, 4, address=place),
            build.observation(quiet, 2, address=place),
        ]
        store(module_database_url, *((each, place) for each in told))
    with psycopg.connect(session_conninfo(module_database_url), autocommit=True) as connection:
        connection.execute("UPDATE unit SET accepted = true, name_vi = '=HYPERLINK(1)'")
    return module_database_url


@pytest.mark.parametrize("format_", ["parquet", "csv"])
def test_figures_are_those_of_the_api_to_the_digit(books, format_):
    found = rows_of(fetch(books, dataset="figures", period="2026-10", format=format_, step="day"))
    client = Client(books)
    told = []
    for by in ("", "&by=unit"):
        query = f"/api/v1/ioc/figures?period=2026-10&step=day{by}"
        told += client.send("GET", query).json()["figures"]
    assert len(found) == len(told) > 1_000
    for row, figure in zip(found, told, strict=True):
        assert row["place_name"].startswith(("'=", "Toàn"))
        for name in ("kpi", "scope", "period", "value", "low", "high", "n", "withheld", "version"):
            said = figure.get(name)
            if format_ == "csv":
                assert row[name] == ("" if said is None else str(said)), (name, row, figure)
            else:
                assert row[name] == said, (name, row, figure)


@pytest.mark.parametrize("format_", ["parquet", "csv"])
def test_hours_are_what_was_counted_and_missing_is_missing(books, format_):
    answer = fetch(books, dataset="hours", period="2026-10", format=format_, scope="subtree:a")
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    rows = rows_of(answer)
    assert {(row["unit"], row["counter"]) for row in rows} == {("a", "quay-1")}
    kind = int if format_ == "parquet" else str
    busy = [row for row in rows if row["visits"] not in (None, "")]
    assert sum(int(row["visits"]) for row in busy) == 40
    assert sum(int(row["waited"]) for row in busy) == 40
    assert sum(int(row["waited_within_15"]) for row in busy) == 31
    (quiet,) = [row for row in rows if row["visits"] in (None, "")]
    assert (quiet["heard"], quiet["counted"]) == (kind(1), kind(1))
    # Neither opinions nor service times nor who served: they are told in groups, or by right.
    assert not {"score_1", "service_s", "officer", "positive"} & set(quiet)


def test_a_period_in_which_nothing_was_counted_has_an_empty_file(books):
    assert fetch(books, dataset="hours", period="2025-03").content == b""


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"dataset": "hours", "period": "soon"}, ErrorCode.PERIOD_INVALID),
        ({"dataset": "hours", "period": "2026", "scope": "counter:a/b"}, ErrorCode.SCOPE_INVALID),
        ({"dataset": "everything", "period": "2026"}, ErrorCode.FIELDS_INVALID),
        ({"dataset": "figures", "period": "2026-10", "format": "exe"}, ErrorCode.FIELDS_INVALID),
    ],
)
def test_what_cannot_be_a_file_is_refused(books, asked, code):
    answer = Client(books).send("POST", EXPORTS, json=asked)
    assert answer.json()["code"] == code


def test_a_file_is_there_once_it_is_written_and_until_it_is_removed_or_old(books):
    client = Client(books)
    asked = {"dataset": "hours", "period": "2026-10"}
    made = client.send("POST", EXPORTS, json=asked).json()
    where = f"{EXPORTS}/{made['id']}"
    assert client.send("GET", f"{where}/file").status_code == 409
    write_now(books, made["id"])
    write_now(books, made["id"])  # somebody else has written it: nothing happens
    told = client.send("GET", where).json()
    assert (told["entries"] > 0, told["bytes"] > 0, told["problem"]) == (True, True, None)
    assert client.send("DELETE", where).status_code == 204
    assert client.send("GET", f"{where}/file").status_code == 404
    assert acts(books)[-1] == "export_removed"
    kept = client.send("POST", EXPORTS, json=asked).json()["id"]
    later = datetime.now(UTC) - timedelta(days=KEPT_DAYS) + timedelta(minutes=1)
    assert ask(books, lambda connection: purge_exports(connection, later)) == 0
    assert ask(books, lambda c: purge_exports(c, later + timedelta(days=KEPT_DAYS))) > 0
    assert client.send("GET", f"{EXPORTS}/{kept}").status_code == 404
