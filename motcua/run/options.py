"""What the user asked `motcua run` for, and where its data live."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]
_NO_FILES = ("bundled", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The choices of one `motcua run`; ports are the ones to try first."""

    data: Path
    camera: str | None
    models: Path | None
    simulate: int
    rate: float
    seed: int
    host: str
    api_port: int
    dashboards_port: int
    kiosk_port: int
    broker_port: int
    role: str = "administrator"
    empty: bool = False


def default_data() -> Path:
    """Return `var/` of the checkout we run from, else the user's own data folder.

    It does not depend on the current folder: the second start finds the data of the first one
    from wherever it is called.
    """
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT / "var"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "motcua"


def absolute_source(camera: str) -> str:
    """Return `camera` with a file or folder made absolute: the parts run in another folder.

    It need not exist yet: a camera's stick may be plugged in later, and a message that names the
    whole path shows a mistyped one.
    """
    is_no_path = camera in _NO_FILES or camera.isdigit() or "://" in camera
    return camera if is_no_path else str(Path(camera).absolute())
