"""
What can go wrong in the dashboards.

* DashboardsError
  x ApiUnreachable     the API does not answer, or stopped answering
    + FiguresMissing   the worker has still to compute what was asked for, and the API says how much
  x ApiUnreadable      the API answers in another version's words
  x ApiRefused         the API knows no such place, KPI or period, and says why
    + NotSignedIn      nobody is signed in, or not any more
    + NotAllowed       whoever is signed in may not see it
    + PeriodRefused    what is asked for is not told of such a period
    + TriedTooOften    signing in failed too often: it has to wait
  x TrialOpen          a trial would listen on another address than the loopback
"""

from __future__ import annotations

from runtime.errors import ReportedError


class DashboardsError(ReportedError):
    """Base of everything that goes wrong here."""


class ApiUnreachable(DashboardsError):
    """The API does not answer, or stopped answering."""


class FiguresMissing(ApiUnreachable):
    """The worker has still to compute what was asked for; the text says how much."""


class ApiUnreadable(DashboardsError):
    """The API answers something that this release cannot read."""


class ApiRefused(DashboardsError):
    """The API refuses the question; the text is its reason."""


class NotSignedIn(ApiRefused):
    """Nobody is signed in, or not any more."""


class NotAllowed(ApiRefused):
    """Whoever is signed in may not see it."""


class PeriodRefused(ApiRefused):
    """What is asked for is not told of such a period, or there is no such period."""


class TriedTooOften(ApiRefused):
    """Signing in failed too often: the next attempt has to wait."""


class TrialOpen(DashboardsError):
    """A trial would listen on another address than the loopback."""
