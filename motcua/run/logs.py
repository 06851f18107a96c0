"""The parts' logs: rotated at the start, kept small, their warnings shown to the user."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

KEPT = 3
"""Logs of earlier starts that are kept for each part."""

LARGEST_BYTES = 20_000_000
"""A log that has grown beyond this is set aside while its part goes on."""

_SHOWN = ("warning", "error", "critical")
_NOT_SHOWN = frozenset({"event", "level", "timestamp", "exception"})
_NO_REMARKS: Mapping[str, str] = MappingProxyType({})


def rotate(log: Path, *, kept: int = KEPT) -> None:
    """Set the log of the last start aside as `log`.1, and older ones up to `kept`."""
    if not log.exists() or log.stat().st_size == 0:
        return
    _make_room(log, kept)
    log.rename(_older(log, 1))


class LogFollower:
    """Reads what a part has written since the last look; `remarks` are added to events."""

    def __init__(
        self,
        log: Path,
        *,
        largest_bytes: int = LARGEST_BYTES,
        remarks: Mapping[str, str] = _NO_REMARKS,
    ) -> None:
        self._log = log
        self._remarks = remarks
        self._largest_bytes = largest_bytes
        self._read_bytes = 0
        self._rest = b""

    def warnings(self) -> Iterator[str]:
        """Yield each new warning or error as one short line."""
        for line in self._new_lines():
            shown = warning_in(line, self._remarks)
            if shown:
                yield shown

    def _new_lines(self) -> list[bytes]:
        try:
            with self._log.open("rb") as file:
                file.seek(self._read_bytes)
                new = file.read()
        except OSError:
            return []
        self._read_bytes += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        if self._read_bytes > self._largest_bytes:
            self._set_aside()
        return lines

    def _set_aside(self) -> None:
        # The part goes on appending to the same file, so it is copied and emptied, not renamed.
        _make_room(self._log, KEPT)
        shutil.copyfile(self._log, _older(self._log, 1))
        os.truncate(self._log, 0)
        self._read_bytes = 0


def warning_in(line: bytes, remarks: Mapping[str, str] = _NO_REMARKS) -> str | None:
    """Return one line for the user when `line` is a logged warning or worse, else None.

    It is the problem and what to do next where the part has put them into words, else the event
    and its fields; a remark on the event follows in brackets.
    """
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("level") not in _SHOWN:
        return None
    remark = remarks.get(str(record.get("event")))
    return f"{_sentence(record)} ({remark})" if remark else _sentence(record)


def has_logged(log: Path, event: str) -> bool:
    """Return whether `event` stands in the log of a part's present start."""
    try:
        return f'"event": "{event}"'.encode() in log.read_bytes()
    except OSError:
        return False


def _sentence(record: Mapping[str, object]) -> str:
    if "problem" in record:
        return "; ".join(str(record[key]) for key in ("problem", "next") if key in record)
    fields = " ".join(f"{key}={value}" for key, value in record.items() if key not in _NOT_SHOWN)
    return f"{record.get('event', '')} {fields}".strip()


def _make_room(log: Path, kept: int) -> None:
    for age in range(kept - 1, 0, -1):
        if _older(log, age).exists():
            _older(log, age).replace(_older(log, age + 1))


def _older(log: Path, age: int) -> Path:
    return log.with_name(f"{log.name}.{age}")
