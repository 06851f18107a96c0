"""
Errors whose text is written for the person who started the command.

* ReportedError            shown as one line, exit code 1; every room's own base derives from it
  x PortTaken              another program listens on the port
  x AddressUnusable        the address to listen on is not one of this machine
  x BrokerAddressInvalid   the broker's address cannot be read
  x SettingInvalid         a setting has a value that it cannot have, or is not known

`runtime.reporting` turns them into a line and an exit code, for `motcua.cli` and every other
console script.
"""

from __future__ import annotations


class ReportedError(Exception):
    """Base of every error whose text says what happened, to what, and what to do next."""


class PortTaken(ReportedError):
    """Another program listens on the port."""


class AddressUnusable(ReportedError):
    """The address to listen on is not one of this machine."""


class BrokerAddressInvalid(ReportedError):
    """The broker's address cannot be read."""


class SettingInvalid(ReportedError):
    """A setting has a value that it cannot have, or is not known."""
