"""
What running the whole system on one machine can fail at; each says what, which, what to do next.

* MotcuaError
  x InfrastructureError
    + BinariesMissing    the PostgreSQL binaries are not installed
    + DatabaseFailed     the database cannot be made or does not start
    + BrokerFailed       no broker can be started
    + DataInUse          another supervisor already works on the data folder
    + DataUnusable       the data folder cannot be made or written
    + NoFreePort          no free port is found near the one asked for
  x ProcessFailed        a part of the system does not become ready
"""

from __future__ import annotations

from runtime.errors import ReportedError


class MotcuaError(ReportedError):
    """Base of everything that `motcua run` reports to its user."""


class InfrastructureError(MotcuaError):
    """The database or the broker of this machine is not usable."""


class BinariesMissing(InfrastructureError):
    """The PostgreSQL binaries are not installed."""


class DatabaseFailed(InfrastructureError):
    """The database cannot be made or does not start."""


class BrokerFailed(InfrastructureError):
    """No broker can be started."""


class DataInUse(InfrastructureError):
    """Another supervisor already works on the data folder."""


class DataUnusable(InfrastructureError):
    """The data folder cannot be made or written."""


class NoFreePort(InfrastructureError):
    """No free port is found near the one asked for."""


class ProcessFailed(MotcuaError):
    """A part of the system does not become ready."""
