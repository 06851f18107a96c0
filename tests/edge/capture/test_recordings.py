"""Files, folders and their time line."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import cv2
import pytest

from edge.capture import recordings
from edge.capture.recordings import find_recordings, read_images
from edge.errors import SourceBroken, SourceMissing

from .clips import levels_of, picture, write_clip


def test_a_clip_keeps_its_own_times(tmp_path):
    clip = write_clip(tmp_path / "a.avi", [20, 60, 100, 140], fps=8)
    played = list(read_images([clip], fps=25))
    assert [image.at_s for image in played] == [0, 0.125, 0.25, 0.375]
    assert levels_of(image.image for image in played) == pytest.approx([20, 60, 100, 140], abs=3)


def test_a_faster_clip_is_thinned_to_the_rate_asked_for(tmp_path):
    clip = write_clip(tmp_path / "a.avi", range(0, 240, 8), fps=30)
    played = [image.at_s for image in read_images([clip], fps=10)]
    assert played == pytest.approx([k / 10 for k in range(10)])


def test_clips_and_pictures_of_a_folder_follow_by_name_on_one_time_line(tmp_path):
    write_clip(tmp_path / "2.avi", [100, 140], fps=10)
    cv2.imwrite(str(tmp_path / "1.png"), picture(40))
    cv2.imwrite(str(tmp_path / "3.PNG"), picture(200))
    (tmp_path / "notes.txt").write_text("not a recording")
    played = list(read_images(find_recordings([tmp_path]), fps=10))
    assert [image.at_s for image in played] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert levels_of(s.image for s in played) == pytest.approx([40, 100, 140, 200], abs=3)


def test_a_loop_goes_on_where_the_time_line_ended(tmp_path):
    clip = write_clip(tmp_path / "a.avi", [20, 60], fps=10)
    played = read_images([clip], fps=10, loop=True)
    assert [next(played).at_s for _ in range(5)] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("absent.mp4", SourceMissing, r"absent\.mp4 is not there"),
        ("empty", SourceMissing, "holds no clips or pictures"),
        ("cut.avi", (SourceMissing, SourceBroken), r"cut\.avi"),
        ("cut.png", SourceBroken, r"cut\.png cannot be decoded"),
        ("cut.mp4", SourceMissing, r"cut\.mp4 cannot be opened; check"),
    ],
)
def test_what_cannot_be_played_is_named(tmp_path, name, error, text):
    path = tmp_path / name
    if name == "empty":
        path.mkdir()
    elif name.startswith("cut"):
        path.write_bytes(b"\x00" * 100)
    with pytest.raises(error, match=text):
        list(read_images(find_recordings([path]), fps=10))


def test_a_picture_too_large_for_memory_is_named(tmp_path, monkeypatch):
    def refuse(*_):
        raise cv2.error("pixels <= CV_IO_MAX_IMAGE_PIXELS")

    monkeypatch.setattr(cv2, "imread", refuse)
    with pytest.raises(SourceBroken, match=r"huge\.png cannot be decoded"):
        list(read_images([tmp_path / "huge.png"], fps=10))


@pytest.mark.parametrize("loop", [False, True])
def test_a_clip_of_which_nothing_can_be_decoded_ends_even_in_a_loop(tmp_path, monkeypatch, loop):
    clip = write_clip(tmp_path / "a.avi", [20, 60], fps=10)
    monkeypatch.setattr(recordings, "open_video", undecodable)
    with pytest.raises(SourceBroken, match=r"a\.avi gives no pictures"):
        list(read_images([clip], fps=10, loop=loop))


@contextmanager
def undecodable(_):
    """Give a capture that finds two frames and can decode neither."""
    grabs = iter([True, True])
    yield SimpleNamespace(
        get=lambda _: 10.0, grab=lambda: next(grabs, False), retrieve=lambda: (False, None)
    )
