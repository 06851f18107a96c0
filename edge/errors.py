"""
What the counter unit can fail at; each text says what, which, and what to do next.

* EdgeError
  x SettingsError     edge.toml or MOTCUA_EDGE__… holds an unknown key or a wrong value
  x CaptureError
    + SourceMissing   the camera or file is not there or cannot be opened
    + SourceBroken    it opened, but gives no pictures
    + SceneMissing    the packages that carry the bundled scene's portraits are not installed
  x VisionError
    + ModelMissing    no usable weights for a task, or none of that name
    + ModelInvalid    weights are truncated, altered or not what their manifest says
  x StoreError
    + OutboxFull      the row limit or the disk reserve is reached
    + StoreUnusable   the SQLite file cannot be opened or written
    + StoreCorrupt    the SQLite file is damaged; it is set aside and a fresh one started
    + StoreBusy       another process has held the SQLite file for too long
  x BrokerError       the broker's address cannot be used
  x PortTaken         another program listens on the kiosk's port
"""

from __future__ import annotations

from runtime.errors import ReportedError


class EdgeError(ReportedError):
    """Base of everything the counter unit reports to its user."""


class SettingsError(EdgeError):
    """The settings hold an unknown key or a wrong value."""


class CaptureError(EdgeError):
    """Pictures cannot be had."""


class SourceMissing(CaptureError):
    """The camera, stream or file is not there or cannot be opened."""


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
    """The outbox cannot do its work."""


class OutboxFull(StoreError):
    """The outbox has reached its row limit or the disk its reserve: nothing was stored."""


class StoreUnusable(StoreError):
    """The SQLite file cannot be opened or written."""


class StoreCorrupt(StoreError):
    """The SQLite file is damaged."""


class StoreBusy(StoreError):
    """Another process has held the SQLite file for too long; trying again may help."""


class BrokerError(EdgeError):
    """The broker's address cannot be used."""


class PortTaken(EdgeError):
    """Another program listens on the port."""
