"""The devices page: what a unit says is wrong, Vietnamese first and its own words second."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from contract.problems import Problem
from dashboards.devices import DevicesTable
from dashboards.feed import View
from tests.dashboards.examples import device, snapshot


def problems_shown(*sentences: str) -> tuple[str, str]:
    """Return text and note of the last cell of a device that has these problems."""
    devices = (replace(device(1), problems=sentences),)
    rendered = DevicesTable().render(View(catalogue=(), snapshot=snapshot(devices=devices)))
    (row,) = rendered.parts.values()
    cell = json.loads(row)["cells"][-1]
    return cell["text"], cell["note"]


@pytest.mark.parametrize(
    ("sentence", "vietnamese"),
    [
        ("watch has not reported for 47 s", "bộ quan sát (watch) đã 47 giây không báo cáo"),
        (
            Problem.CAMERA_MISSING.say(),
            "camera không cho hình: kiểm tra dây cắm, nguồn điện và địa chỉ",
        ),
        (
            Problem.RATINGS_NOT_STORED.say(detail=Problem.DISK_FULL.say(path="/data/{a}.sqlite3")),
            "không lưu được đánh giá: kho /data/{a}.sqlite3: đĩa đã đầy; "
            "giải phóng dung lượng hoặc kiểm tra mạng",
        ),
        (
            Problem.NOT_WATCHING.say(detail="no model is called x…"),
            "quầy không được quan sát: no model is called x…",
        ),
    ],
)
def test_known_problems_are_vietnamese_with_the_english_under_them(
    sentence: str, vietnamese: str
) -> None:
    assert problems_shown(sentence) == (vietnamese, sentence)


def test_unknown_problems_are_shown_once_as_they_come() -> None:
    assert problems_shown("the fan rattles") == ("the fan rattles", "")
    text, note = problems_shown("the fan rattles", Problem.CAMERA_FROZEN.say())
    assert text == "the fan rattles; camera lặp lại một hình: tắt camera rồi bật lại"
    assert note == Problem.CAMERA_FROZEN.say()


def test_no_problems_are_an_empty_cell() -> None:
    assert problems_shown() == ("", "")
