"""The files that the repository consists of, as git sees them."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tracked_files() -> list[Path]:
    """Return every file that is, or is about to be, part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def tracked_texts() -> dict[str, str]:
    """Return the text of every such file that is UTF-8, by its path from the root."""
    texts = {}
    for file in tracked_files():
        content = file.read_bytes()
        if b"\0" in content:
            continue
        try:
            texts[file.relative_to(ROOT).as_posix()] = content.decode("utf-8")
        except UnicodeDecodeError:  # tables in other encodings, for the tests of imports
            continue
    return texts
