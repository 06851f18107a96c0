"""On whose behalf the database is read and written: what of it they may see and change. Values."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """The units in which rows of each kind may be written, as the writing role is told them.

    `accounts` is `*` where accounts, roles, keys and screens may be made.
    """

    staff: str = ""
    dossiers: str = ""
    complaints: str = ""
    devices: str = ""
    units: str = ""
    points: str = ""
    accounts: str = ""
    comments: str = ""

    @property
    def role(self) -> str:
        """The role that writes: books are another's than anybody's."""
        books = self.staff or self.dossiers or self.complaints
        return "motcua_recorder" if books else "motcua_writer"

    @classmethod
    def of(
        cls,
        *,
        staff: Iterable[str] | None = (),
        dossiers: Iterable[str] | None = (),
        complaints: Iterable[str] | None = (),
        devices: Iterable[str] | None = (),
        units: Iterable[str] | None = (),
        points: Iterable[str] | None = (),
        accounts: bool = False,
        comments: Iterable[str] | None = (),
    ) -> Self:
        """Return what may be written in these units, None for all of them."""
        return cls(
            staff=_said(staff),
            dossiers=_said(dossiers),
            complaints=_said(complaints),
            devices=_said(devices),
            units=_said(units),
            points=_said(points),
            accounts=ALL if accounts else "",
            comments=_said(comments),
        )


ANYBODY = Scribe()
"""Signs in and out, sets a password by a link, and is noted; writes nothing else."""
