"""Systems' fields, codes and dates become ours, whichever of the known variants they use."""

from __future__ import annotations

from pathlib import Path

import pytest

import server.sources
from server.errors import MappingUnreadable
from server.sources.mappings import SourceMapping, map_record, read_mapping, unended

EXAMPLES = Path(server.sources.__file__).parent / "examples"
NATIONAL = {
    "MaHoSo": "G09.20-20260609-0092637",
    "MaTTHC": "1.001193",
    "MaLinhVuc": "G09-HT01",
    "ChuHoSo": "Nguyễn Thị Bích Hạnh",
    "MaDoiTuong": "027193001234",
    "NgayTiepNhan": "20260609081500",
    "NgayHenTra": "20260612000000",
    "NgayKetThucXuLy": "2026-06-11T16:00:00",
    "NgayTra": "20260612090000",
    "TrangThaiHoSo": 10,
    "DonViXuLy": "H05.12.3",
    "DanhSachHoSoBoSung": [
        {"NgayYeuCau": "20260610080000", "NgayNopBoSung": "20260610100000"},
        {"NgayYeuCau": "20260610110000", "NgayHenTraMoi": "20260613"},
    ],
}


@pytest.fixture
def national() -> SourceMapping:
    mapping = read_mapping(EXAMPLES / "national-field-list.toml")
    return mapping.model_copy(update={"units": {"H05.12.3": "vo-cuong"}})


def test_national_field_list_is_understood_and_applicants_are_left_behind(national):
    cells = map_record(national, NATIONAL)
    assert cells["code"] == "G09.20-20260609-0092637"
    assert (cells["receiving_unit"], cells["resolving_unit"]) == ("vo-cuong", "vo-cuong")
    assert cells["channel"] == "direct"  # absent
    assert cells["processed_at"] == "2026-06-11T16:00:00"
    assert cells["returned_at"] == "20260612090000"
    assert cells["accepted_at"] == "20260609081500"
    assert cells["supplements"] == ("20260610080000 > 20260610100000; 20260610110000 >  > 20260613")
    assert not {"Nguyễn Thị Bích Hạnh", "027193001234"} & set(map(str, cells.values()))


@pytest.mark.parametrize("code", [3, "3", 11, "11", 11.0])
def test_refused_has_two_codes(national, code):
    cells = map_record(national, NATIONAL | {"TrangThaiHoSo": code})
    assert cells["refused_at"] == "2026-06-11T16:00:00"
    assert "accepted_at" not in cells


@pytest.mark.parametrize(
    ("code", "column"), [(7, "withdrawn_at"), (8, "stopped_at"), (9, "processed_at")]
)
def test_status_says_what_the_date_of_the_end_is_of(national, code, column):
    assert map_record(national, NATIONAL | {"TrangThaiHoSo": code})[column]


def test_end_without_a_date_is_seen(national):
    item = {name: value for name, value in NATIONAL.items() if "Ngay" not in name}
    assert unended(national, item, map_record(national, item))
    still = item | {"TrangThaiHoSo": 4}
    assert not unended(national, still, map_record(national, still))


def test_other_layout_swaps_channels_and_has_its_own_dates():
    mapping = read_mapping(EXAMPLES / "folder-of-csv.toml")
    item = {
        "so_ho_so": "17/2026",
        "thu_tuc": "1.2",
        "noi_nhan": "a",
        "noi_giai_quyet": "b",
        "nhan_luc": "09-06-2026 08h15",
        "hen_tra": "12-06-2026",
        "hinh_thuc": "1",
        "tinh_trang": "xong",
        "xong_luc": "2026-06-11 16:00",
    }
    cells = map_record(mapping, item)
    assert (cells["channel"], cells["resolving_unit"]) == ("online", "b")
    assert cells["received_at"] == "2026-06-09T08:15:00+07:00"
    assert cells["processed_at"] == "2026-06-11 16:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("= 1", "is not TOML"),
        ('source = "x"\n[fields]\ncode = "a"', "exactly one of [http] and [folder]"),
        ('source = "X Y"\n[folder]\npath = "/x"\n[fields]\ncode = "a"', "source"),
        ('source = "x"\nother = 1\n[folder]\npath = "/x"\n[fields]\ncode = "a"', "other"),
    ],
    ids=["no TOML", "no place", "bad name", "unknown key"],
)
def test_wrong_mapping_is_said_in_one_line(tmp_path, text, said):
    path = tmp_path / "source.toml"
    path.write_text(text)
    with pytest.raises(MappingUnreadable) as error:
        read_mapping(path)
    assert said in str(error.value)
    assert "\n" not in str(error.value).strip()
