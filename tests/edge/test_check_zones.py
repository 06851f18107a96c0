"""What check proposes for the zones, from what it sees."""

from __future__ import annotations

import pytest

from edge.analytics.zones import Begin
from edge.check.findings import Verdict
from edge.check.zones import check_zones, propose_begin
from edge.sections import CameraSettings, ZoneSettings
from edge.settings import EdgeSettings


@pytest.mark.parametrize(
    ("faces", "people", "expected"),
    [
        (0, 3, None),
        (0, 12, Begin.BODY),
        (2, 12, Begin.BODY),
        (9, 12, Begin.FACE),
        (12, 0, Begin.FACE),
    ],
)
def test_visits_begin_with_what_is_seen_of_people(faces, people, expected):
    assert propose_begin(faces=faces, people=people) is expected


@pytest.mark.shared
@pytest.mark.parametrize(("begin", "verdict"), [("face", Verdict.WARN), ("body", Verdict.OK)])
def test_people_seen_from_behind_are_told(shared, begin, verdict):
    clip = shared / "data/video/store-aisle-detection.gif"
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    settings = EdgeSettings(
        camera=CameraSettings(source=str(clip)),
        zones=(ZoneSettings(name="aisle", kind="service", polygon=whole, begin=begin),),
    )
    (found,) = check_zones(settings, None)
    assert found.verdict is verdict
    assert found.subject == "zone aisle"
    assert ('set begin = "body"' in found.advice) is (verdict is Verdict.WARN)


@pytest.mark.shared
def test_a_camera_that_gives_nothing_is_left_to_its_own_check(shared, tmp_path):
    del shared  # it has the model that finds people
    gone = str(tmp_path / "video0")
    settings = EdgeSettings(camera=CameraSettings(source=f"rtsp://127.0.0.1:9/{gone}"))
    assert list(check_zones(settings, None)) == []
