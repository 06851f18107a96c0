"""Camera URLs: no password is shown, whatever signs are in it, and each of them connects."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.stream_urls import parse, redact, without_secrets


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("rtsp://me:secret@10.0.0.5:554/live", "rtsp://10.0.0.5:554/…"),
        ("rtsp://me:sec/ret@10.0.0.5/live", "rtsp://10.0.0.5/…"),
        ("rtsp://10.0.0.5/user=me_password=secret_channel=1.sdp", "rtsp://10.0.0.5/…"),
        ("rtsp://10.0.0.5/live?password=secret", "rtsp://10.0.0.5/…"),
        ("rtsp://10.0.0.5:554/live?a=b@c", "rtsp://10.0.0.5:554/…"),
        ("http://[fd00::5]:81/secret", "http://[fd00::5]:81/…"),
        ("rtsp://10.0.0.5", "rtsp://10.0.0.5"),
        ("rtsp://me:secret@", "rtsp://…"),
        ("/dev/video0", "/dev/video0"),
        ("clips/a@b.mp4", "clips/a@b.mp4"),
    ],
)
def test_only_the_place_of_a_camera_is_shown(source: str, shown: str) -> None:
    assert without_secrets(source) == shown


@pytest.mark.parametrize("place", ["10.0.0.5", "cam.example.vn:8554", "[fd00::5]:554", "camera1"])
@pytest.mark.parametrize(
    "password",
    [
        "p@ss",
        "p#ss",
        "pa/ss",
        "pa:ss",
        "pa?ss",
        "pa%ss",
        "p@s/s:w#r?d%!",
        "mậtkhẩu",
        "12/34",
        "ä ö",
    ],
)
def test_a_password_as_it_is_typed_connects_and_is_not_shown(password: str, place: str) -> None:
    source = f"rtsp://admin:{password}@{place}/live"
    assert without_secrets(source) == f"rtsp://{place}/…"
    url = parse(source)
    assert url is not None
    assert (url.user, url.password, url.place) == ("admin", password, place)
    assert_read_by_the_grammar(url.connecting, password, place)


def test_an_escaped_password_is_not_escaped_again() -> None:
    url = parse("rtsp://admin:p%40ss%2Fword@10.0.0.5/live")
    assert url is not None
    assert url.password == "p@ss/word"
    assert url.connecting == "rtsp://admin:p%40ss%2Fword@10.0.0.5/live"


@given(st.text(st.characters(exclude_characters="%\n\r\t", exclude_categories=["Cs", "Cc"])))
def test_every_password_connects_to_an_address(password: str) -> None:
    # "@10.0.0.9/" within a password is an address by the grammar itself: it has to be escaped
    url = parse(f"rtsp://admin:{password}@10.0.0.5:554/live")
    assert url is not None
    if url.place == "10.0.0.5:554":
        assert_read_by_the_grammar(url.connecting, password, "10.0.0.5:554")
    else:
        assert "@" in password


def assert_read_by_the_grammar(connecting: str, password: str, place: str) -> None:
    """Read a URL as FFmpeg does: the authority ends at `/ ? #`, the user at its last `@`."""
    authority = connecting.removeprefix("rtsp://").partition("/")[0]
    user, _, found = authority.rpartition("@")
    assert not set("?#") & set(authority)
    assert found == place
    assert unquote(user) == f"admin:{password}"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("rtsp://me:secret@10.0.0.5/a cannot be opened", "rtsp://10.0.0.5/… cannot be opened"),
        ("source rtsp://10.0.0.5:554: black", "source rtsp://10.0.0.5:554: black"),
        ("'http://me:secret@cam/a?pwd=secret&x=1'", "'http://cam/a?pwd=…&x=1'"),
        ("url=http://127.0.0.1:8080/kiosk", "url=http://127.0.0.1:8080/kiosk"),
        ("mqtts://device:secret@broker:8883", "mqtts://broker:8883"),
        ("no address", "no address"),
    ],
)
def test_secrets_are_taken_out_of_any_text(text: str, redacted: str) -> None:
    assert redact(text) == redact(redacted) == redacted
