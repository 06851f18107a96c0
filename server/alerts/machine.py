"""Looks at the machine that the worker runs on: how full its disks are, how old the last backup."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from server.alerts.alerts import Figure

LOOKED_EVERY_S = 60.0
"""A disk fills and a backup ages by the minute, not by the second."""

Machine: TypeAlias = Mapping[str, Sequence[Figure]]
"""Figures of the machine, by the source that rules name."""

UNKNOWN: Machine = MappingProxyType({})
"""Where nobody has looked."""


def look(disks: Iterable[Path], backups: Path | None, now: datetime) -> Machine:
    """Return the free share of each disk, 0..1, and the age of the newest backup in seconds.

    What cannot be looked at has no value: nothing is said of it, neither that it is well.
    """
    ages = [] if backups is None else [_age(backups, now)]
    return {"server_disk_free": [_free(each, now) for each in disks], "backup_age": ages}


def _free(folder: Path, now: datetime) -> Figure:
    try:
        usage = shutil.disk_usage(folder)
        value = usage.free / usage.total if usage.total else None
    except OSError:
        value = None
    return Figure(unit=None, subject=str(folder), value=value, n=1, at=now)


def _age(folder: Path, now: datetime) -> Figure:
    """Return the age of the newest file that holds anything; without one, of the folder itself."""
    try:
        files = [each.stat() for each in folder.iterdir() if each.is_file()]
        newest_s = max((each.st_mtime for each in files if each.st_size), default=None)
        since_s = folder.stat().st_ctime if newest_s is None else newest_s
        value = max((now - datetime.fromtimestamp(since_s, UTC)).total_seconds(), 0.0)
    except OSError:
        return Figure(unit=None, value=None, n=1, at=now)
    return Figure(unit=None, value=value, n=1, at=now)
