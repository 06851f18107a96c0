"""Network cameras: every password connects, none is shown, and each picture has its own time."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
import structlog.testing

from edge.capture.live import Camera
from edge.capture.video import open_video
from edge.errors import SourceRefuses
from tests.commands import call
from tests.waiting import eventually

from .cameras import PICTURE_S, network_camera

PASSWORDS = ["p@s", "p#s", "p/s", "p:s", "p?s", "p%s", "mật khẩu", "@#/:?%ắ"]


@pytest.mark.parametrize("auth", ["Basic", "Digest"])
@pytest.mark.parametrize("password", PASSWORDS)
def test_an_rtsp_camera_takes_every_password(password, auth):
    with (
        network_camera("rtsp", password, auth=auth) as place,
        open_video(f"rtsp://admin:{password}@{place}/live") as pictures,
    ):
        assert next(pictures).image().mean() == pytest.approx(200, abs=4)


@pytest.mark.parametrize("password", PASSWORDS)
def test_an_http_camera_takes_every_password(password):
    with (
        network_camera("http", password) as place,
        open_video(f"http://admin:{password}@{place}/video.mjpg") as pictures,
    ):
        picture = next(pictures)
        assert picture.image().mean() == pytest.approx(200, abs=4)
        assert picture.at_s is None, "JPEGs in a row have no times of their own"


def test_pictures_of_an_rtsp_camera_have_the_times_of_their_capture():
    with network_camera("rtsp", "secret", levels=range(0, 250, 5)) as place:
        camera = Camera(f"rtsp://admin:secret@{place}/live")
        began = datetime.now(UTC)
        camera.start()
        shots = [camera.take(30) for _ in range(10)]
        camera.stop()
    times = [shot.captured_at for shot in shots]
    assert began < times[0] < times[-1] < datetime.now(UTC)
    # however the pictures were taken, they are as far apart as the camera says
    steps = [(b - a).total_seconds() / PICTURE_S for a, b in pairwise(times)]
    assert sum(abs(step - round(step)) < 0.2 for step in steps) >= len(steps) - 2


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_wrong_password_is_said_and_not_shown(scheme):
    with network_camera(scheme, "right") as place:
        source = f"{scheme}://admin:wr/ong@{place}/live?pwd=wrong2"
        with pytest.raises(SourceRefuses, match="refuses its user or password") as caught:
            open_video(source).__enter__()
        with structlog.testing.capture_logs() as logs:
            camera = Camera(source)
            camera.start()
            eventually(lambda: logs)
            camera.stop()
    for text in (str(caught.value), str(logs)):
        assert place in text
        assert "ong" not in text.replace("wrong user", "")


@pytest.mark.parametrize(
    "words", [["edge", "check", "--json"], ["edge", "bench"], ["edge", "replay"]]
)
def test_no_command_shows_the_password_of_a_camera(words, tmp_path, monkeypatch):
    monkeypatch.setattr("edge.check.vision.FIRST_PICTURE_WITHIN_S", 0.2)
    with network_camera("rtsp", "right") as place:
        for source in (
            f"rtsp://admin:s/ecret@{place}/live",
            f"rtsp://{place}/user=admin_password=s/ecret.sdp",
            f"rtsp://{place}/live?password=secret",
        ):
            monkeypatch.setenv("MOTCUA_EDGE__CAMERA__SOURCE", source)
            monkeypatch.setenv("MOTCUA_EDGE__STORE__PATH", str(tmp_path / "edge.sqlite3"))
            done = call(*words, *([] if "check" in words else [source]))
            assert place in done.output
            assert "ecret" not in done.output
