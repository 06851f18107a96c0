from __future__ import annotations

from pathlib import Path

import pytest

from runtime.contrast import contrast, read_colour
from runtime.errors import SettingInvalid
from runtime.identity import Identity
from runtime.settings import read_settings


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(read_colour(one), read_colour(other)) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accent": "#003399"}, "contrast of 1"),
        ({"accent": "blue"}, "#rrggbb"),
        ({"emblem": "emblem.exe"}, "SVG or a PNG"),
        ({"emblem": "/nowhere/emblem.svg"}, "No such file"),
    ],
)
def test_what_cannot_be_read_is_refused_when_it_is_set(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingInvalid, match=said):
        read_settings(Identity, **given)


def test_the_emblem_travels_in_the_page(tmp_path: Path) -> None:
    emblem = tmp_path / "emblem.svg"
    emblem.write_text("<svg/>", encoding="utf-8")
    assert Identity(emblem=emblem).emblem_address == "data:image/svg+xml;base64,PHN2Zy8+"
    emblem.write_bytes(b"x" * 200_000)
    with pytest.raises(SettingInvalid, match="at most"):
        read_settings(Identity, emblem=emblem)


def test_the_name_may_still_be_set_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DASHBOARDS__PROVINCE_NAME", "Tỉnh Thử")
    assert Identity().name == "Tỉnh Thử"
    monkeypatch.setenv("MOTCUA_IDENTITY__NAME", "Tỉnh Mới")
    assert Identity().name == "Tỉnh Mới"
