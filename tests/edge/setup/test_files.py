"""The settings file: comments stay, nothing wrong is ever in place, the one before comes back."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from edge.setup.files import PREVIOUS, Change, draft, previous_of, restore, write_file
from runtime.errors import SettingInvalid

FILE = """\
# Quầy 1, lắp ngày 05/10/2026
[device]
unit = "tu-son"  # xã
counter = "quay-1"

[vision]
# chậm: Pi 4
detect_every = 3

[[zones]]
# trước quầy
name = "service"
kind = "service"
polygon = [[0.0, 0.4], [1.0, 0.4], [1.0, 0.9], [0.0, 0.9]]
begin = "body"

[[zones]]
name = "old"
kind = "waiting"
polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.4]]
"""
SERVICE = {"name": "service", "kind": "service", "polygon": [[0.1, 0.4], [1.0, 0.4], [0.5, 0.9]]}
MASK = {"name": "mask-1", "kind": "mask", "polygon": [[0.0, 0.9], [1.0, 0.9], [1.0, 1.0]]}


def change(*zones: dict, **vision: str) -> Change:
    return Change(zones=zones, sections={"vision": {"detector": "auto", **vision}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "edge.toml"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o640)
    return path


def test_saving_keeps_comments_and_whatever_the_page_does_not_change(path):
    settings = write_file(path, change(SERVICE, MASK))
    text = path.read_text(encoding="utf-8")
    assert [zone.name for zone in settings.zones] == ["service", "mask-1"]
    assert settings.vision.detect_every == 3
    for comment in ("# Quầy 1, lắp", "# xã", "# chậm: Pi 4", "# trước quầy"):
        assert comment in text
    assert "begin" not in text
    assert '"old"' not in text
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_file_before_comes_back_and_forth(path):
    write_file(path, change(SERVICE))
    saved = path.read_text(encoding="utf-8")
    restore(path)
    assert path.read_text(encoding="utf-8") == FILE
    restore(path)
    assert path.read_text(encoding="utf-8") == saved


def test_without_a_file_before_nothing_is_restored(path):
    with pytest.raises(SettingInvalid, match="nothing was saved"):
        restore(path)


def test_a_new_device_gets_its_first_file(tmp_path):
    path = tmp_path / "edge.toml"
    assert [zone.name for zone in write_file(path, change(SERVICE)).zones] == ["service"]
    assert not previous_of(path).exists()


TRIANGLE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ({"polygon": [[0.0, 0.0], [1.2, 0.0], [1.0, 1.0]]}, "less than or equal to 1"),
        ({"polygon": [[-0.1, 0.0], [1.0, 0.0], [1.0, 1.0]]}, "greater than or equal to 0"),
        ({"polygon": [[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0]]}, "crosses itself"),
        ({"polygon": [[0.0, 0.0], [1.0, 1.0]]}, "at least 3"),
        ({"polygon": []}, "at least 3"),
        ({"polygon": [[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]}, "no area"),
        ({"name": "Vùng 1"}, "pattern"),
        ({"name": "service"}, "name of its own"),
        ({"camera": "other"}, "known: camera"),
    ],
)
def test_what_the_device_could_not_read_is_never_written(path, zone, said):
    wrong = change(SERVICE, {"name": "zone-1", "kind": "waiting", "polygon": TRIANGLE} | zone)
    for attempt in (draft, write_file):
        with pytest.raises(SettingInvalid, match=said):
            attempt(path, wrong)
    assert path.read_text(encoding="utf-8") == FILE
    assert [file.name for file in path.parent.iterdir()] == ["edge.toml"]


@pytest.mark.parametrize("step", range(12))
def test_power_may_go_between_any_two_steps(path, monkeypatch, step):
    """Whatever was done when it went, the file is the old or the new one, and can be read."""
    done = 0

    class PowerGone(BaseException):
        pass

    def counted(work):
        def run(*args, **kwargs):
            nonlocal done
            done += 1
            if done > step:
                raise PowerGone
            return work(*args, **kwargs)

        return run

    with monkeypatch.context() as patch:
        for name in ("fsync", "open", "close"):
            patch.setattr(os, name, counted(getattr(os, name)))
        for name in ("replace", "chmod", "write_text", "unlink"):
            patch.setattr(Path, name, counted(getattr(Path, name)))
        with contextlib.suppress(PowerGone):
            write_file(path, change(SERVICE, MASK))
    text = path.read_text(encoding="utf-8")
    assert text == FILE or '"mask-1"' in text
    assert draft(path, change(SERVICE)).device.unit == "tu-son"
    before = path.with_name(path.name + PREVIOUS)
    assert not before.exists() or before.read_text(encoding="utf-8") == FILE
