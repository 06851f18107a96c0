"""Logs of the parts: rotated, bounded, and their warnings picked out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from motcua.run.logs import LogFollower, has_logged, rotate, warning_in


def test_rotation_keeps_the_last_three_starts(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    for start in range(6):
        rotate(log)
        log.write_text(f"start {start}")
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {
        "api.log": "start 5",
        "api.log.1": "start 4",
        "api.log.2": "start 3",
        "api.log.3": "start 2",
    }


def test_empty_log_is_not_kept(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.touch()
    rotate(log)
    assert [path.name for path in tmp_path.iterdir()] == ["api.log"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b'{"level": "warning", "event": "broker_away", "tries": 3}', "broker_away tries=3"),
        (b'{"level": "error", "event": "failed", "exception": "long"}', "failed"),
        (b'{"level": "warning", "event": "full", "problem": "no room"}', "no room"),
        (
            b'{"level": "warning", "event": "off", "problem": "no camera", "next": "plug it in"}',
            "no camera; plug it in",
        ),
        (b'{"level": "info", "event": "started"}', None),
        (b"Traceback (most recent call last):", None),
        (b'["warning"]', None),
        (b"", None),
    ],
)
def test_only_warnings_and_errors_are_shown(line: bytes, shown: str | None) -> None:
    assert warning_in(line) == shown


def test_remark_on_an_event_is_added() -> None:
    line = b'{"level": "warning", "event": "off", "problem": "no camera"}'
    assert warning_in(line, {"off": "all else runs"}) == "no camera (all else runs)"
    assert warning_in(line, {"on": "all else runs"}) == "no camera"


def _warning(event: str) -> str:
    return json.dumps({"level": "warning", "event": event}) + "\n"


def test_follower_shows_each_warning_once_and_waits_for_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    follower = LogFollower(log)
    assert list(follower.warnings()) == []
    text = _warning("first") + _warning("second")
    log.write_text(text[:-10])
    assert list(follower.warnings()) == ["first"]
    log.write_text(text)
    assert list(follower.warnings()) == ["second"]
    assert list(follower.warnings()) == []


def test_grown_log_is_set_aside_while_its_part_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    follower = LogFollower(log, largest_bytes=1000)
    with log.open("a") as part:
        part.write(_warning("before") * 40)
        part.flush()
        assert set(follower.warnings()) == {"before"}
        part.write(_warning("after"))
        part.flush()
        assert list(follower.warnings()) == ["after"]
    assert log.read_text() == _warning("after")
    assert (tmp_path / "api.log.1").read_text() == _warning("before") * 40


def test_event_of_the_present_start_is_found(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    assert not has_logged(log, "ready")
    log.write_text(json.dumps({"event": "ready"}))
    assert has_logged(log, "ready")
    assert not has_logged(log, "read")
