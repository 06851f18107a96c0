"""What an import leaves in the tree of units."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from server.db.connection import connect
from server.ingest.batch import Batch
from server.ingest.writer import write
from server.units.imports import RejectedRow, UnitRow
from server.units.store import ImportReport, store_units
from tests.server import build

pytestmark = pytest.mark.integration

MERGED = date(2026, 7, 1)


@pytest.fixture
def connection(database_url):
    with connect(database_url, autocommit=True) as connection:
        yield connection


def row(name: str, **fields: object) -> UnitRow:
    return UnitRow(
        **{"line": 2, "id": name, "parent": None, "name_vi": name, "name_en": name, "kind": "ward",
           **fields}
    )  # fmt: skip


def valid(connection, name: str) -> tuple[str, str]:
    sql = "SELECT valid_from::text, valid_to::text FROM unit WHERE id = %s"
    return connection.execute(sql, (name,)).fetchone()


def test_import_replaces_what_a_message_registered(connection):
    write(connection, Batch(accepted=[build.accepted(build.rating(datetime.now(UTC)))]))
    store_units(connection, [row("bac-ninh"), row("tu-son", parent="bac-ninh", line=3)])
    rows = connection.execute("SELECT id, parent, registered_by FROM unit ORDER BY id").fetchall()
    assert rows == [("bac-ninh", None, "import"), ("tu-son", "bac-ninh", "import")]


def test_merger_ends_one_unit_and_begins_another(connection):
    store_units(connection, [row("old"), row("new")])
    assert valid(connection, "old") == ("-infinity", "infinity")
    store_units(connection, [row("old", valid_to=MERGED), row("new", valid_from=MERGED)])
    assert valid(connection, "old") == ("-infinity", "2026-07-01")
    assert valid(connection, "new") == ("2026-07-01", "infinity")


def test_import_without_days_leaves_them_as_they_are(connection):
    store_units(connection, [row("old", valid_to=MERGED)])
    store_units(connection, [row("old", name_vi="Phường cũ")])
    assert valid(connection, "old") == ("-infinity", "2026-07-01")


def test_end_before_a_stored_beginning_is_rejected_and_the_rest_is_stored(connection):
    store_units(connection, [row("a", valid_from=MERGED)])
    report = store_units(connection, [row("a", valid_to=date(2026, 1, 1)), row("b", line=3)])
    assert report == ImportReport(
        stored=1,
        rejected=(
            RejectedRow(
                line=2,
                reason="unit 'a' would end before it begins: give both valid_from and valid_to",
            ),
        ),
    )
    assert valid(connection, "b") == ("-infinity", "infinity")
