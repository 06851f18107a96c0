"""On whose behalf the database is read: what of officers its answers may hold. A value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The units whose officers may be seen, as the reading role is told them; `*` for all.

    `officers` are those whose figures, `staff` those whose names and rosters may be seen; `officer`
    is the code of whoever asks. `masked` is False for what the API reads for itself, accounts and
    their secrets.
    """

    officers: str = ""
    staff: str = ""
    officer: str = ""
    masked: bool = True

    @classmethod
    def of(
        cls,
        *,
        officers: Iterable[str] | None,
        staff: Iterable[str] | None,
        officer: str | None = None,
    ) -> Self:
        """Return the viewer of these units, None for all of them."""
        return cls(officers=_said(officers), staff=_said(staff), officer=officer or "")


NOBODY = Viewer()
"""Sees no officer: what is computed once for all who may look, as the live figures are."""

ITSELF = Viewer(masked=False)
"""The API itself, which has to know accounts and secrets to find out who asks."""


def _said(units: Iterable[str] | None) -> str:
    return ALL if units is None else ",".join(sorted(units))
