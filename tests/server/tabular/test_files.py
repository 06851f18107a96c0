"""Text files: encoding, separator and header are found by content, and what is wrong is a row's."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import TableUnreadable
from server.tabular.encodings import Encoding, find_encoding
from server.units.imports import UNIT as RECORD
from tests.server.tabular.reading import codes, read_records, read_rows

FAULTS = Path(__file__).parent / "faults"
NAMES = ["Tỉnh Bắc Ninh", "Phường Võ Cường", "Xã Phật Tích"]
HEAD = "id,parent,name_vi\n"
TCVN3 = {
    "ã": b"\xb7",
    "Đ": b"\xa7",
    "ư": b"\xad",
    "ờ": b"\xea",
    "â": b"\xa9",
    "à": b"\xb5",
    "ị": b"\xde",
}
SYLLABLES = [
    "Bắc",
    "Ninh",
    "phường",
    "Võ",
    "Cường",
    "xã",
    "Phật",
    "Tích",
    "Tân",
    "An",
    "Đông",
    "Hưng",
    "Thuận",
    "Thành",
    "Quế",
    "Lương",
    "Tài",
    "Yên",
    "Phong",
    "đường",
    "Nguyễn",
    "Trãi",
    "khu",
    "phố",
    "Hòa",
    "Đình",
    "thị",
    "trấn",
    "Chờ",
    "trung",
    "tâm",
    "phục",
    "vụ",
    "hành",
    "chính",
    "công",
]


@pytest.mark.parametrize("name", ["02-semicolon", "03-tab-utf16", "06-blank-rows", "07-nfd"])
def test_file_of_another_program_gives_the_same_units(name):
    units = read_records(FAULTS / f"{name}.csv", RECORD)
    assert [unit.name_vi for unit in units] == NAMES
    assert [unit.kind for unit in units] == ["district", "ward", "commune"]


def test_windows_1258_is_found_though_the_file_has_lost_letters():
    units = read_records(FAULTS / "04-cp1258.csv", RECORD)
    assert [unit.name_vi[:3] for unit in units] == ["Tỉn", "Phu", "Xã "]


def test_control_characters_are_refused_by_row():
    rows = read_rows(FAULTS / "14-control-chars.csv", RECORD)
    assert [row.line for row in rows] == [2, 3, 5]
    assert [codes(row) for row in rows] == [[("name_vi", "unseen_character")]] * 3


def written(text: str, encoding: str) -> bytes:
    if encoding == "tcvn3":
        return b"".join(TCVN3.get(sign) or sign.encode("ascii") for sign in text)
    if encoding == "cp1258":  # it writes most tones as signs of their own
        return b"".join(_in_1258(sign) for sign in text)
    return text.encode(encoding)


def _in_1258(sign: str) -> bytes:
    try:
        return sign.encode("cp1258")
    except UnicodeEncodeError:
        *letter, tone = unicodedata.normalize("NFD", sign)
        if tone in "\u0302\u0306\u031b":  # the dot below comes first in NFD
            letter, tone = [letter[0], tone], letter[1]
        return unicodedata.normalize("NFC", "".join(letter)).encode("cp1258") + tone.encode(
            "cp1258"
        )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "tcvn3"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_and_separator_are_found_by_content(tmp_path, encoding, separator, line_end):
    lines = ["id,parent,name_vi", "a,,Xã Đường Lâu", "b,a,Đoàn Cường Thịnh", ""]
    file = tmp_path / "units.csv"
    file.write_bytes(written(line_end.join(lines).replace(",", separator), encoding))
    units = read_records(file, RECORD)
    assert [unit.name_vi for unit in units] == ["Xã Đường Lâu", "Đoàn Cường Thịnh"]


@given(st.lists(st.sampled_from(SYLLABLES), min_size=3, max_size=12))
def test_vietnamese_text_is_never_taken_for_another_encoding(words):
    text = HEAD + "a,," + " ".join([*words, "Bắc", "Nguyễn"]) + "\n"
    assert find_encoding(io.BytesIO(written(text, "cp1258"))) is Encoding.WINDOWS_1258
    assert find_encoding(io.BytesIO(text.encode())) is Encoding.UTF_8


def write(folder: Path, content: str | bytes) -> Path:
    file = folder / "units.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_said_separator_is_used_and_lines_are_counted_from_it(tmp_path):
    rows = read_rows(write(tmp_path, "sep=|\nid|parent|name_vi\na||A\nA||A\n"), RECORD)
    assert rows[0].record.name_vi == "A"
    assert rows[1].line == 4


def test_titles_above_the_header_are_passed_over(tmp_path):
    file = write(
        tmp_path, "DANH SÁCH ĐƠN VỊ,,\n,,\nMã đơn vị,Mã đơn vị cấp trên,Tên đơn vị\na,,A\n"
    )
    assert [unit.id for unit in read_records(file, RECORD)] == ["a"]


def test_rows_keep_their_line_after_cells_of_several_lines(tmp_path):
    rows = read_rows(write(tmp_path, HEAD + 'a,,"A\nA"\n\nB,,B\n'), RECORD)
    assert [(row.line, codes(row)[0][1]) for row in rows] == [
        (2, "unseen_character"),
        (5, "not_a_name"),
    ]


def test_damaged_bytes_in_a_utf8_file_are_their_rows_alone(tmp_path):
    good = "".join(f"a{i},,Phường Võ Cường\n" for i in range(20)).encode()
    rows = read_rows(write(tmp_path, HEAD.encode() + good + b"x,,Ph\xff\n"), RECORD)
    assert codes(rows[-1]) == [("name_vi", "damaged_character")]
    assert rows[0].record.name_vi == "Phường Võ Cường"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("id,parent\na,\n", "lacks the columns name_vi"),
        ("", "lacks the columns id, name_vi"),
        ("id,id,name_vi\na,a,A\n", "more than one column id"),
        (HEAD + 'a,,"A\n', "damaged from line 2"),
        (HEAD.encode() + b"a,,\x81\x8d\x8f \xb1\xb2\xb3\n", "unknown encoding"),
    ],
)
def test_unreadable_file_says_what_to_do(tmp_path, content, complaint):
    with pytest.raises(TableUnreadable, match=complaint):
        read_rows(write(tmp_path, content), RECORD)


def test_absent_file_is_named(tmp_path):
    with pytest.raises(TableUnreadable, match=r"none\.csv cannot be read"):
        read_rows(tmp_path / "none.csv", RECORD)
