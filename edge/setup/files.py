"""Writes `edge.toml` as a whole or not at all, with its comments; the one before can come back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from edge.settings import EdgeSettings, read_settings
from runtime.errors import SettingInvalid

PREVIOUS = ".previous"
"""Added to the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the page changes: all zones, and keys of sections; everything else stays as it is."""

    zones: Sequence[Mapping[str, Any]]
    sections: Mapping[str, Mapping[str, Any]]


def write_file(path: Path, change: Change) -> EdgeSettings:
    """Write the change into the file at `path` and return the settings that it now gives.

    The file before is kept beside it. Raises SettingInvalid, and leaves both as they were, where
    the result could not be read.
    """
    text = _changed(_read(path), change)
    settings = _checked(path, text)
    _replace(path, text, keep_previous=True)
    return settings


def restore(path: Path) -> EdgeSettings:
    """Put the file before in place and return its settings; the present one becomes that before.

    Raises SettingInvalid where there is none.
    """
    previous = previous_of(path)
    if not previous.exists():
        raise SettingInvalid(f"there is no {previous}: nothing was saved here before")
    text = previous.read_text(encoding="utf-8")
    settings = _checked(path, text)
    _replace(path, text, keep_previous=True)
    return settings


def draft(path: Path, change: Change) -> EdgeSettings:
    """Return the settings that the change would give; raise SettingInvalid."""
    return _checked(path, _changed(_read(path), change))


def previous_of(path: Path) -> Path:
    """Return where the file before is kept."""
    return path.with_name(path.name + PREVIOUS)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"settings file {path} cannot be read: {error}") from error


def _changed(text: str, change: Change) -> str:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingInvalid(f"the settings file is not TOML: {error}") from error
    for name, keys in change.sections.items():
        section = document.get(name)
        if section is None:
            section = document[name] = tomlkit.table()
        for key, value in keys.items():
            if section.get(key) != value:
                section[key] = value
    document["zones"] = _zones(document.get("zones"), change.zones)
    return tomlkit.dumps(document)


def _zones(before: Any, zones: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - tomlkit's
    """Return the array of tables; a zone that keeps its name keeps its table and its comments."""
    known = {str(table["name"]): table for table in before or () if "name" in table}
    array = tomlkit.aot()
    for zone in zones:
        table = known.get(str(zone["name"]), tomlkit.table())
        for key in [key for key in table if key not in zone]:
            del table[key]
        for key, value in zone.items():
            if table.get(key) != value:
                table[key] = value
        array.append(table)
    return array


def _checked(path: Path, text: str) -> EdgeSettings:
    """Return the settings of `text`, read as they will be at the next start."""
    trial = path.with_name(f".{path.name}.{os.getpid()}.trial")
    try:
        trial.write_text(text, encoding="utf-8")
        return read_settings(trial)
    except SettingInvalid as error:
        raise SettingInvalid(str(error).replace(str(trial), path.name)) from error
    except OSError as error:
        raise SettingInvalid(f"{path.parent} cannot be written: {error.strerror}") from error
    finally:
        trial.unlink(missing_ok=True)


def _replace(path: Path, text: str, *, keep_previous: bool) -> None:
    """Put `text` in place of the file by renaming: power may go at any moment."""
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if keep_previous and before is not None:
            _write(previous_of(path), before)
        _write(path, text)
    except OSError as error:
        raise SettingInvalid(f"{path} cannot be written: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    known = path.stat() if path.exists() else None
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o640 if known is None else known.st_mode & 0o777)
        if known is not None:
            with suppress(PermissionError):  # only root gives a file to somebody else
                os.chown(fresh, known.st_uid, known.st_gid)
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        fresh.unlink(missing_ok=True)
