"""Every kind's template explains its columns, and its example is right."""

from __future__ import annotations

import pytest

import server.imports
from server.tabular.files import open_table
from server.tabular.templates import write_template
from tests.server.tabular.reading import read_records

KINDS = list(server.imports.command.commands)


@pytest.mark.parametrize("name", KINDS)
def test_template_reads_back_as_its_example(name, tmp_path):
    record = server.imports.kind_of(name).record
    file = tmp_path / "template.xlsx"
    write_template(file, record)
    with open_table(file, record) as table:
        assert [column.name for column, _ in table.places] == [c.name for c in record.columns]
        assert table.notices == ()
    assert len(read_records(file, record)) == 1


@pytest.mark.parametrize("name", KINDS)
def test_no_two_columns_have_one_header(name):
    record = server.imports.kind_of(name).record
    titles = [title for title, column in record.headers().items()]
    assert {column.name for column in record.headers().values()} == {
        column.name for column in record.columns
    }
    assert len(titles) >= len(record.columns)
