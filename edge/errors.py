"""
What a device can fail at; each text says what, which, and what to do next.

* EdgeError
  x CaptureError
    + SourceMissing   the camera or file is not there or cannot be opened
    + SourceRefuses   the camera does not accept its user or password
    + SourceBroken    it opened, but gives no pictures
    + SceneMissing    the packages that carry the bundled scene's portraits are not installed
  x VisionError
    + ModelMissing    no usable weights for a task, or none of that name
    + ModelInvalid    weights are truncated, altered or not what their manifest says
  x StoreError        carries its problem as health messages report it
    + OutboxFull      the row limit or the disk reserve is reached
    + StoreUnusable   the SQLite file cannot be opened or written
    + StoreCorrupt    the SQLite file is damaged; it is moved aside and a fresh one started
    + StoreTaken      a process of the same kind runs on the SQLite file already
    + StoreBusy       another process has held the SQLite file for too long

Settings, ports and the broker's address are refused with the errors of `runtime.errors`.
"""

from __future__ import annotations

from contract.messages import ReportedProblem
from runtime.errors import ReportedError


class EdgeError(ReportedError):
    """Base of everything that a device reports to its user."""


class CaptureError(EdgeError):
    """The camera or recording gives no pictures."""


class SourceMissing(CaptureError):
    """The camera, stream or file is not there or cannot be opened."""


class SourceRefuses(CaptureError):
    """The camera does not accept its user or password."""


class SourceBroken(CaptureError):
    """The source opened, but gives no pictures."""


class SceneMissing(CaptureError):
    """The packages that carry the bundled scene's portraits are not installed."""


class VisionError(EdgeError):
    """A model cannot be used."""


class ModelMissing(VisionError):
    """No weights were found for a task or under a name."""


class ModelInvalid(VisionError):
    """Weights are truncated, altered or not what their manifest says."""


class StoreError(EdgeError):
    """The store cannot do its work; `problem` says why, and its text is the error's."""

    def __init__(self, problem: ReportedProblem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class OutboxFull(StoreError):
    """The outbox has reached its row limit or the disk its reserve: nothing was stored."""


class StoreUnusable(StoreError):
    """The SQLite file cannot be opened or written."""


class StoreCorrupt(StoreError):
    """The SQLite file is damaged."""


class StoreBusy(StoreError):
    """Another process has held the SQLite file for too long; trying again may help."""


class StoreTaken(StoreError):
    """A process of the same kind runs on the SQLite file already."""
