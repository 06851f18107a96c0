"""A file of dossiers is imported whole or not at all, and each wrong row is named."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.commands import call

pytestmark = pytest.mark.integration

HEAD = "Mã hồ sơ;Mã thủ tục;Mã đơn vị tiếp nhận;Mã đơn vị giải quyết;Ngày tiếp nhận;Ngày hẹn trả;"
HEAD += "Ngày kết thúc xử lý;Kênh nộp\n"
RIGHT = "G09-1;1.1;a;a;01/06/2026 08:00;05/06/2026;04/06/2026 10:00;Trực tuyến\n"
WRONG = {
    "two-digit year": "G09-2;1.1;a;a;01/06/26;05/06/2026;;\n",
    "ends before it starts": "G09-2;1.1;a;a;02/06/2026;05/06/2026;01/06/2026;\n",
    "promised before received": "G09-2;1.1;a;a;02/06/2026;01/06/2026;;\n",
    "unknown unit": "G09-2;1.1;nowhere;a;01/06/2026;;;\n",
    "formula": "=G09;1.1;a;a;01/06/2026;;;\n",
    "no code": ";1.1;a;a;01/06/2026;;;\n",
    "the same code with other content": "g09 -1;1.1;a;a;02/06/2026;;;\n",
    "far in the future": "G09-2;1.1;a;a;01/06/2126;;;\n",
    "unknown channel": "G09-2;1.1;a;a;01/06/2026;;;fax\n",
}


@pytest.fixture
def books(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO unit (id, name_vi, name_en) VALUES ('a', 'x', 'x')")
        yield connection


def dossiers(books: psycopg.Connection) -> list[tuple]:
    return books.execute("SELECT code, channel, timeliness FROM dossier").fetchall()


def test_file_is_imported_and_importing_it_again_changes_nothing(books, database_url, tmp_path):
    file = tmp_path / "dossiers.csv"
    file.write_text(HEAD + RIGHT, encoding="utf-16")
    for _ in range(2):
        result = call("import", "dossiers", str(file), "--database-url", database_url)
        assert result.exit_code == 0, result.output
        assert dossiers(books) == [("G09-1", "online", "before")]
    total = books.execute("SELECT sum(received) FROM dossier_total WHERE level = 'day'").fetchone()
    assert total == (2,)  # once for each role


@pytest.mark.parametrize("row", WRONG.values(), ids=WRONG.keys())
def test_wrong_row_is_named_and_nothing_is_half_imported(books, database_url, tmp_path, row):
    file = tmp_path / "dossiers.csv"
    file.write_text(HEAD + RIGHT + row, encoding="utf-8")
    result = call("import", "dossiers", str(file), "--database-url", database_url)
    assert result.exit_code == 1
    assert "dossiers.csv:3:" in result.output
    assert dossiers(books) == []
    going = call("import", "dossiers", str(file), "--keep-going", "--database-url", database_url)
    assert going.exit_code == 1
    assert dossiers(books) == [("G09-1", "online", "before")]
