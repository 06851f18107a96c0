"""A folder that the user of a test may not enter, also where that user is root."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def locked(folder: Path, mode: int = 0) -> Iterator[Path]:
    """Take away the rights to `folder`; inside the block nobody's rights are ours."""
    user = os.geteuid()
    before = folder.stat().st_mode
    folder.chmod(mode)
    if user == 0:
        os.seteuid(_NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(user)
        folder.chmod(before)
