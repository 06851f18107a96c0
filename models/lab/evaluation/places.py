"""Files and folders that people name: found, or a complaint that names them."""

from __future__ import annotations

from pathlib import Path

from models.lab.evaluation.errors import DataMissing


def require_folder(path: Path, what: str = "") -> None:
    """Raise DataMissing where the path is no folder, or one that this user may not reach.

    The text begins with `what` it is for.
    """
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise DataMissing(f"{what}{path} cannot be reached: {error.strerror}") from error
    if not is_folder:
        raise DataMissing(f"{what}{path} is no folder")


def found_in(folder: Path, file: Path) -> Path:
    """Return `file` as seen from the working folder, or else inside `folder`.

    Raises DataMissing that names both places where it is in neither.
    """
    inside = folder / file
    if _is_there(file):
        return file
    if _is_there(inside):
        return inside
    if file.is_absolute():
        raise DataMissing(f"{file} is not there")
    raise DataMissing(f"neither {file} nor {inside} is there")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # it may be there: who reads it says what is wrong
        return True
