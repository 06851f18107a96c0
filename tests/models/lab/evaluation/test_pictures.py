"""Pictures as files: only those that can be read to their end are opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.lab.evaluation.pictures import Unreadable, read_file


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "cannot be read: No such file"),
        (".", "is no regular file"),
        ("a\0b", "cannot be read: embedded null"),
    ],
)
def test_what_is_no_file_is_said(tmp_path, name, reason):
    with pytest.raises(Unreadable, match=reason):
        read_file(tmp_path / name)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreadable, match="is no regular file"):
        read_file(tmp_path / "pipe")


def test_a_device_is_not_read():
    with pytest.raises(Unreadable, match="is no regular file"):
        read_file(Path("/dev/zero"))
