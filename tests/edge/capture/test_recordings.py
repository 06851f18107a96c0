"""Files, folders and their time line."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import av
import cv2
import pytest

from edge.capture.recordings import Skipped, find_recordings, read_images
from edge.errors import SourceBroken, SourceMissing

from .clips import (
    half_lit,
    levels_of,
    picture,
    set_matrix,
    write_animation,
    write_clip,
    write_video,
)


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
        ("cut.mp4", SourceBroken, r"cut\.mp4 cannot be read; it may be empty"),
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
def test_a_clip_of_which_nothing_can_be_decoded_ends_even_in_a_loop(tmp_path, loop):
    clip = write_clip(tmp_path / "a.avi", [20, 60], fps=10)
    head, movie, pictures = clip.read_bytes().partition(b"movi")
    clip.write_bytes(head + movie + b"00dc\x08\x00\x00\x00" + bytes(8) + bytes(len(pictures)))
    with pytest.raises(SourceBroken, match=r"a\.avi gives no pictures"):
        list(read_images([clip], fps=10, loop=loop))


UNEVEN_S = [0, 0.1, 0.2, 0.7, 1.2, 1.3]
LEVELS = [20, 60, 100, 140, 180, 220]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.ts", "a.webm"])
def test_frames_keep_their_own_uneven_times(tmp_path, name):
    codec = "libvpx" if name == "a.webm" else "libx264"
    clip = write_video(tmp_path / name, list(map(picture, LEVELS)), at_s=UNEVEN_S, codec=codec)
    played = list(read_images([clip], fps=10))
    assert [image.at_s for image in played] == pytest.approx(UNEVEN_S, abs=0.002)
    assert levels_of(image.image for image in played) == pytest.approx(LEVELS, abs=4)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_animations_give_all_frames_at_their_own_times(tmp_path, name):
    lasts_s = [0.1, 0.1, 0.5, 0.5, 0.1, 0.3]
    write_animation(tmp_path / name, LEVELS, lasts_s=lasts_s)
    cv2.imwrite(str(tmp_path / "b.png"), picture(250))
    played = list(read_images(find_recordings([tmp_path]), fps=10))
    assert [image.at_s for image in played] == pytest.approx([*UNEVEN_S, 1.6])
    assert levels_of(image.image for image in played) == pytest.approx([*LEVELS, 250], abs=4)


def test_times_that_jump_back_within_a_clip_go_on(tmp_path):
    parts = [
        write_video(tmp_path / name, [picture(60)] * 3, form="mpegts") for name in ("b.ts", "c.ts")
    ]
    clip = tmp_path / "a.ts"
    clip.write_bytes(b"".join(part.read_bytes() for part in parts))
    played = [image.at_s for image in read_images([clip], fps=10)]
    assert played == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=0.01)


@pytest.mark.parametrize(
    ("pixel_shape", "size_px"),
    [(Fraction(2), (128, 48)), (Fraction(1, 2), (64, 96)), (Fraction(4, 3), (85, 48))],
)
def test_pixels_that_are_not_square_are_shown_as_a_player_does(tmp_path, pixel_shape, size_px):
    clip = write_video(tmp_path / "a.mp4", [half_lit()], pixel_shape=pixel_shape)
    (played,) = read_images([clip], fps=10)
    assert played.image.shape[1::-1] == size_px
    assert is_lit(played.image, "left")


@pytest.mark.parametrize(
    ("matrix", "lit"),
    [
        ((1, 0, 0, 1), "left"),
        ((-1, 0, 0, 1), "right"),
        ((1, 0, 0, -1), "left"),
        ((-1, 0, 0, -1), "right"),
        ((0, 1, -1, 0), "top"),  # a quarter turn clockwise
        ((0, -1, 1, 0), "bottom"),
        ((0, 1, 1, 0), "top"),
        ((0, -1, -1, 0), "bottom"),
    ],
)
def test_turned_and_mirrored_recordings_are_shown_upright(tmp_path, matrix, lit):
    clip = set_matrix(write_video(tmp_path / "a.mp4", [half_lit()]), matrix)
    (played,) = read_images([clip], fps=10)
    assert is_lit(played.image, lit)


def is_lit(image, side):
    height_px, width_px = image.shape[:2]
    half = {
        "left": image[:, : width_px // 2 - 2],
        "right": image[:, width_px // 2 + 2 :],
        "top": image[: height_px // 2 - 2],
        "bottom": image[height_px // 2 + 2 :],
    }[side]
    return half.mean() > 190 and image.mean() < 110


def test_a_raw_stream_plays_at_the_rate_that_it_states(tmp_path):
    clip = write_video(tmp_path / "a.h264", list(map(picture, LEVELS)), form="h264", rate=8)
    played = [image.at_s for image in read_images([clip], fps=25)]
    assert played == pytest.approx([k / 8 for k in range(6)])


def test_a_raw_stream_without_a_rate_is_refused_with_its_codec_and_what_to_do(tmp_path):
    clip = write_video(tmp_path / "a.mjpeg", [picture(20)] * 3, form="mjpeg", codec="mjpeg")
    with pytest.raises(SourceBroken, match=r"a\.mjpeg is a raw mjpeg stream.*ffmpeg -framerate"):
        list(read_images([clip], fps=10))


def test_a_codec_that_is_not_known_is_named_with_what_to_do(tmp_path):
    clip = write_video(tmp_path / "a.mp4", [picture(20)] * 3)
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzz1").replace(b"avcC", b"zzzC"))
    with pytest.raises(SourceBroken, match=r'a\.mp4 is coded as "zzz1".*libx264'):
        list(read_images([clip], fps=10))


def test_av1_is_read(tmp_path):
    codec = next((name for name in ("libsvtav1", "libaom-av1") if name in av.codecs_available), "")
    if not codec:
        pytest.skip("no encoder of AV1 here")
    clip = write_video(
        tmp_path / "a.mp4", [picture(level, 128, 96) for level in LEVELS], codec=codec
    )
    assert levels_of(i.image for i in read_images([clip], fps=10)) == pytest.approx(LEVELS, abs=5)


def test_a_folder_is_read_in_the_order_in_which_people_number(tmp_path):
    for name in ("10.png", "1.png", "2.PNG", "100.png", "b2.png", "B10.png", "01.png"):
        cv2.imwrite(str(tmp_path / name), picture(10))
    assert [path.name for path in find_recordings([tmp_path])] == [
        "01.png", "1.png", "2.PNG", "10.png", "100.png", "b2.png", "B10.png"
    ]  # fmt: skip


def test_what_cannot_be_read_is_named_once_and_the_others_count_once(tmp_path):
    write_clip(tmp_path / "1.avi", [20, 60])
    (tmp_path / "2.mp4").touch()
    (tmp_path / "._3.mp4").write_bytes(b"\x00\x05\x16\x07")
    write_clip(tmp_path / "4.avi", [100, 140])
    paths = find_recordings([tmp_path])
    played = list(read_images(paths, fps=10))
    images = [one for one in played if not isinstance(one, Skipped)]
    assert [image.at_s for image in images] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert levels_of(i.image for i in images) == pytest.approx([20, 60, 100, 140], abs=3)
    assert {one.path.name for one in played if isinstance(one, Skipped)} == {"2.mp4", "._3.mp4"}
    three_rounds = list(islice(read_images(paths, fps=10, loop=True), 3 * 4 + 2))
    assert sum(isinstance(one, Skipped) for one in three_rounds) == 2


@pytest.mark.parametrize("loop", [False, True])
def test_a_round_that_gives_nothing_ends_and_says_so(tmp_path, loop):
    for name in ("1.mp4", "2.mp4"):
        (tmp_path / name).touch()
    with pytest.raises(SourceBroken, match=r"none of 2 recordings can be played: .*2\.mp4"):
        list(read_images(find_recordings([tmp_path]), fps=10, loop=loop))
