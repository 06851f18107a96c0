"""What an import leaves in the tree of units."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from server.db.connection import connect
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.tabular.records import Entry, Row
from server.units.records import UnitRecord
from server.units.store import store_units
from tests.server import build
from tests.server.asking import ask
from tests.server.tabular.reading import codes

pytestmark = pytest.mark.integration

MERGED = date(2026, 7, 1)


@pytest.fixture
def connection(database_url):
    with connect(database_url, autocommit=True) as connection:
        yield connection


def unit(name: str, **fields: object) -> UnitRecord:
    return UnitRecord(**{"id": name, "parent": None, "name_vi": name, "kind": "ward", **fields})


def importing(database_url: str, *units: UnitRecord) -> list:
    """Store the units, one a line from the second on, and return what is rejected."""
    entries = [
        Entry(row=Row(line=line, cells=()), record=each) for line, each in enumerate(units, 2)
    ]
    return ask(database_url, lambda connection: store_units(connection, entries))


def valid(connection, name: str) -> tuple[str, str]:
    sql = "SELECT valid_from::text, valid_to::text FROM unit WHERE id = %s"
    return connection.execute(sql, (name,)).fetchone()


def test_import_replaces_what_a_message_registered(connection, database_url):
    write(connection, Batch(accepted=[build.accepted(build.rating(datetime.now(UTC)))]))
    importing(database_url, unit("bac-ninh"), unit("tu-son", parent="bac-ninh"))
    rows = connection.execute("SELECT id, parent, registered_by FROM unit ORDER BY id").fetchall()
    assert rows == [("bac-ninh", None, "import"), ("tu-son", "bac-ninh", "import")]


def test_merger_ends_one_unit_and_begins_another(connection, database_url):
    importing(database_url, unit("old"), unit("new"))
    assert valid(connection, "old") == ("-infinity", "infinity")
    merged = unit("old", valid_to=MERGED, successor="new")
    assert importing(database_url, merged, unit("new", valid_from=MERGED)) == []
    assert valid(connection, "old") == ("-infinity", "2026-07-01")
    assert valid(connection, "new") == ("2026-07-01", "infinity")


def test_import_without_days_leaves_them_as_they_are(connection, database_url):
    importing(database_url, unit("old", valid_to=MERGED))
    importing(database_url, unit("old", name_vi="Phường cũ"))
    assert valid(connection, "old") == ("-infinity", "2026-07-01")


def test_end_before_a_stored_beginning_is_rejected_and_the_rest_is_stored(connection, database_url):
    importing(database_url, unit("a", valid_from=MERGED))
    (rejection,) = importing(database_url, unit("a", valid_to=date(2026, 1, 1)), unit("b"))
    assert rejection.line == 2
    assert codes(rejection) == [("valid_to", "ends_before_stored")]
    assert valid(connection, "b") == ("-infinity", "infinity")


def test_unit_that_goes_on_has_no_successor(database_url):
    rejections = importing(database_url, unit("new"), unit("old", successor="new"))
    assert [codes(each) for each in rejections] == [[("valid_to", "successor_without_end")]]


def test_unit_below_a_rejected_one_is_rejected_for_its_parent(connection, database_url):
    importing(database_url, unit("a", valid_from=MERGED))
    rejections = importing(
        database_url, unit("c", valid_to=MERGED, successor=None), unit("b", parent="c"),
        unit("d", valid_to=date(2020, 1, 1), valid_from=MERGED), unit("e", parent="d"),
    )  # fmt: skip
    assert [codes(each)[0][1] for each in rejections] == ["ends_before_stored", "unknown_parent"]
