"""A unit with two counters and two officers, and rosters to import."""

from __future__ import annotations

import psycopg
import pytest

from tests.commands import call

UNITS = "id,parent,name_vi\nbac-ninh,,Bắc Ninh\n"
COUNTERS = "unit,id\nbac-ninh,quay-1\nbac-ninh,quay-2\n"
STAFF = (
    "Mã cán bộ,Họ và tên,Mã đơn vị,Chức danh,Từ ngày\n"
    "cb-1,Nguyễn Văn An,bac-ninh,Công chức,\nCB-2,Trần Thị Bình,bac-ninh,,01/07/2025\n"
)


@pytest.fixture
def imports(database_url, tmp_path):
    """Import texts by their kind; every row must be right unless `code` is 1."""

    def run(kind: str, text: str, code: int = 0) -> str:
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        result = call("import", kind, file, "--database-url", database_url)
        assert result.exit_code == code, result.output
        return result.output

    run("units", UNITS)
    run("counters", COUNTERS)
    run("staff", STAFF)
    return run


@pytest.fixture
def roster():
    """Return the text of a roster."""

    def text(*lines: str, head: str = "") -> str:
        return "\n".join([f"officer,unit,counter,starts_at,ends_at{head}", *lines, ""])

    return text


@pytest.fixture
def rows(database_url):
    def read(query: str) -> list[tuple]:
        with psycopg.connect(database_url) as connection:
            return connection.execute(query).fetchall()

    return read


@pytest.fixture
def staff_text() -> str:
    return STAFF
