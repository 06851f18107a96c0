"""What a terminal cannot print is replaced: nothing ends because of a letter."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.printing import replace_unprintable


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("latin-1", "Màn hình · Don vi ? Ket thúc..."),
        ("ascii", "Man hinh ? Don vi ? Ket thuc..."),
        ("utf-8", "Màn hình · Đơn vị → Kết thúc…"),
    ],
)
def test_letters_lose_their_marks_before_they_are_lost(encoding: str, shown: str) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    replace_unprintable(stream)
    print("Màn hình · Đơn vị → Kết thúc…", file=stream, end="", flush=True)
    assert written.getvalue().decode(encoding) == shown


def test_a_stream_of_another_kind_is_left_alone() -> None:
    stream = io.StringIO()
    replace_unprintable(stream, None)
    print("Đơn vị", file=stream, end="")
    assert stream.getvalue() == "Đơn vị"


def test_a_command_says_its_vietnamese_on_a_latin_1_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "Đơn vị"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "motcua.cli", "models", "list", "--models", str(folder)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert f"searched {tmp_path}/Don vi\n".encode("latin-1") in done.stdout
