"""CSV files that people hand in: what is read, and what is said of those that cannot be."""

from __future__ import annotations

import pytest

from models.lab.evaluation.csv_rows import plain_name, read_rows
from models.lab.evaluation.errors import DataInvalid


@pytest.fixture
def read(tmp_path):
    def read(text, columns=("file", "label")):
        path = tmp_path / "labels.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return read_rows(path, columns=columns)

    return read


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_know_their_line(read, end):
    rows = read(end.join(["", " , ", "file,label", "a,happy", "", '"b, c",sad']))
    assert [(row.line, row["file"], row["label"]) for row in rows] == [
        (4, "a", "happy"),
        (6, "b, c", "sad"),
    ]


def test_other_signs_that_break_lines_belong_to_a_name(read):
    (row,) = read("file,label\na\u2028b,happy\n")
    assert row["file"] == "a\u2028b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'file,label\na,happy\n"b,sad\nc,sad\n',
            r"labels\.csv line 3: unexpected end of data; is a",
        ),
        ('file,label\n"a,happy\n"b",sad\n', r"labels\.csv line 2: .* expected after"),
        ('file,label\n"a,happy\nb",sad\n', r"labels\.csv line 2: file goes over lines; is a quote"),
        ("file;label\na;happy\n", r"it has file;label; separate them by commas instead of semico"),
        ("file\tlabel\na\thappy\n", r"separate them by commas instead of tabs"),
        ("file,label,label\na,sad,happy\n", r"labels\.csv has the column label more than once"),
    ],
)
def test_a_file_of_another_form_is_one_line(read, text, message):
    with pytest.raises(DataInvalid, match=message):
        read(text)


def test_columns_without_a_name_may_be_many(read):
    assert len(read("file,label,,\na,happy,,\n")) == 1


@pytest.mark.parametrize("file", ["./images/a", "images//a", "images/b/../a"])
def test_a_file_has_one_name_however_it_is_written(read, file):
    assert plain_name(file) == "images/a"
    assert read(f"file\n{file}\n", columns=("file",))[0].file == "images/a"


def test_no_file_has_no_name():
    assert plain_name("") == ""
