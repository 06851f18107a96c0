"""
What bringing a model can fail at; each text says what, which, and what to do next.

* DeliveryError
  x NotOffered        nobody offers a model of this name at this place
  x SourceAway        the place does not answer, or broke off; trying again may help
  x NetworkUnusable   the proxy or the certificates that this machine sets cannot be used
  x IndexRefused      an index is unsigned, altered, or signed with a key that is not trusted
  x KeyUnusable       a key cannot be read, made or understood
  x ContentRefused    what came is not the file that the manifest or the index means
  x ManifestRefused   this release cannot use the offered model, or means another by its name
  x FolderUnusable    the folder cannot be written, is full, or another process works in it
"""

from __future__ import annotations

from runtime.errors import ReportedError


class DeliveryError(ReportedError):
    """Base of everything that fetching and publishing report to their user."""


class NotOffered(DeliveryError):
    """Nobody offers a model of this name at this place."""


class SourceAway(DeliveryError):
    """The place does not answer, or broke off; trying again may help."""


class NetworkUnusable(DeliveryError):
    """The proxy or the certificates that this machine's environment sets cannot be used."""


class IndexRefused(DeliveryError):
    """An index is unsigned, altered, or signed with a key that is not trusted."""


class KeyUnusable(DeliveryError):
    """A key cannot be read, made or understood."""


class ContentRefused(DeliveryError):
    """What came is not the file that the manifest or the index means."""


class ManifestRefused(DeliveryError):
    """An offered model that this release cannot use, or whose name means another one to it."""


class FolderUnusable(DeliveryError):
    """The folder cannot be written, is full, or another process works in it."""
