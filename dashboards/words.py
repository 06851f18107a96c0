"""What the screens say besides figures, Vietnamese first and English second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from contract.readings import KpiFamily, Reading, Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text in both languages."""

    vi: str
    en: str


FAMILIES: Mapping[KpiFamily, Words] = MappingProxyType(
    {
        KpiFamily.OFFICIAL: Words(vi="CHÍNH THỨC", en="Official"),
        KpiFamily.EXPERIENCE: Words(vi="TRẢI NGHIỆM", en="Experience"),
        KpiFamily.OPERATION: Words(vi="VẬN HÀNH", en="Operation"),
    }
)

PLACE = Words(vi="Bộ phận Một cửa", en="One-stop shops")
PROVINCE = Words(vi="Toàn tỉnh", en="Whole province")
UNITS = Words(vi="Đơn vị", en="Units")
DEVICES = Words(vi="Thiết bị", en="Devices")
WALL = Words(vi="Màn hình lớn", en="Wall")
SIMULATED = Words(vi="MÔ PHỎNG", en="Simulated")
TODAY = Words(vi="Hôm nay", en="Today")
NO_DATA = Words(vi="không có dữ liệu", en="no data")
SMALL_SAMPLE = Words(vi="chưa đủ mẫu", en="too few to show")
STALE = Words(vi="dữ liệu cũ", en="old data")
NO_UNITS = Words(vi="Chưa có đơn vị nào", en="No unit has reported yet")
WAITING_FOR_DATA = Words(vi="Đang chờ dữ liệu", en="Waiting for data")

SENTIMENTS: Mapping[str, Words] = MappingProxyType(
    {
        "positive": Words(vi="tích cực", en="positive"),
        "neutral": Words(vi="trung tính", en="neutral"),
        "negative": Words(vi="tiêu cực", en="negative"),
    }
)
"""In the order in which a mix is drawn."""


def why_withheld(reading: Reading, *, minimum_n: int) -> tuple[str, str]:
    """Return why `reading` has no value, in Vietnamese: the reason and its detail."""
    match reading.withheld:
        case Withheld.SMALL_SAMPLE:
            return SMALL_SAMPLE.vi, f"n = {reading.n}/{minimum_n}"
        case Withheld.STALE:
            return STALE.vi, ""
        case Withheld.NO_DATA | None:
            return NO_DATA.vi, ""
    assert_never(reading.withheld)
