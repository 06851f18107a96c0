"""The roles, and what each may do where: the one declaration that routes, tests and docs follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from server.access.rights import FOR_SCREENS, Right


class Role(StrEnum):
    """What somebody is, in a unit or in the whole province."""

    WALL = "wall"
    PROVINCE_LEADER = "province_leader"
    DEPARTMENT_HEAD = "department_head"
    UNIT_HEAD = "unit_head"
    OFFICER = "officer"
    APPRAISER = "appraiser"
    INSTALLER = "installer"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Extent(StrEnum):
    """How far a right of a role reaches from the unit in which the role is held."""

    SUBTREE = "subtree"
    """The unit and everything below it; for a role held in the province, everything."""
    UNIT = "unit"
    """The unit alone: officers have one direct head."""
    APPRAISAL = "appraisal"
    """The units of an appraisal that is open and given to this person."""


class Place(StrEnum):
    """Where a role is held."""

    PROVINCE = "province"
    UNIT = "unit"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDeclaration:
    """What a role may do, where it is held, and whether signing in asks for a second factor."""

    rights: Mapping[Right, Extent]
    held: Place
    second_factor: bool = False


def _reading(*rights: Right) -> dict[Right, Extent]:
    return dict.fromkeys(rights, Extent.SUBTREE)


_OWN = _reading(Right.READ_OWN_ACCOUNT, Right.READ_UNITS, Right.WRITE_OWN_ACCOUNT)
_FIGURES = _OWN | _reading(Right.READ_CATALOGUE, Right.READ_CLOSINGS, Right.READ_FIGURES)
_JUDGED = _reading(Right.CONTEST, Right.READ_APPRAISALS, Right.READ_CONTESTS, Right.SELF_SCORE)
_ALERTED = _reading(Right.HANDLE_ALERTS, Right.READ_ALERTS)
_JUDGES = _reading(
    Right.ANSWER_CONTESTS,
    Right.MANAGE_APPRAISALS,
    Right.READ_APPRAISALS,
    Right.READ_CONTESTS,
)
_HEAD = (
    _FIGURES
    | _JUDGED
    | _JUDGES
    | _reading(
        Right.APPRAISE,
        Right.READ_COMMENTS,
        Right.READ_COMPLAINTS,
        Right.READ_DEVICES,
        Right.READ_DOSSIERS,
        Right.READ_STAFF,
        Right.WRITE_POINTS,
    )
    | _ALERTED
    | {
        Right.READ_OFFICERS: Extent.UNIT,
        Right.RELEASE_COMMENTS: Extent.UNIT,
    }
)
_CARE = _ALERTED | _reading(
    Right.MANAGE_DEVICES,
    Right.MANAGE_UNITS,
    Right.READ_DEVICES,
    Right.READ_QUARANTINE,
    Right.READ_SOURCES,
    Right.READ_WEBHOOKS,
    Right.WRITE_ALERT_RULES,
)

ROLES: Mapping[Role, RoleDeclaration] = MappingProxyType(
    {
        Role.WALL: RoleDeclaration(rights=_reading(*FOR_SCREENS), held=Place.EITHER),
        Role.PROVINCE_LEADER: RoleDeclaration(
            rights=_FIGURES
            | _JUDGES
            | _reading(
                Right.APPRAISE,
                Right.CLOSE_PERIODS,
                Right.READ_COMMENTS,
                Right.READ_DEVICES,
                Right.READ_SOURCES,
                Right.WRITE_POINTS,
            )
            | _ALERTED,
            held=Place.PROVINCE,
        ),
        Role.DEPARTMENT_HEAD: RoleDeclaration(rights=_HEAD, held=Place.UNIT, second_factor=True),
        Role.UNIT_HEAD: RoleDeclaration(rights=_HEAD, held=Place.UNIT, second_factor=True),
        Role.OFFICER: RoleDeclaration(rights=_FIGURES | _JUDGED, held=Place.UNIT),
        Role.APPRAISER: RoleDeclaration(
            rights=_FIGURES
            | _reading(
                Right.ANSWER_CONTESTS, Right.APPRAISE, Right.READ_APPRAISALS, Right.READ_CONTESTS
            )
            | {Right.READ_OFFICERS: Extent.APPRAISAL},
            held=Place.EITHER,
            second_factor=True,
        ),
        Role.INSTALLER: RoleDeclaration(
            rights=_OWN | _reading(Right.MANAGE_DEVICES, Right.READ_DEVICES), held=Place.EITHER
        ),
        Role.OPERATOR: RoleDeclaration(rights=_FIGURES | _CARE, held=Place.PROVINCE),
        Role.AUDITOR: RoleDeclaration(
            rights=_OWN | _reading(*(right for right in Right if right.reads_only)),
            held=Place.PROVINCE,
            second_factor=True,
        ),
        Role.ADMINISTRATOR: RoleDeclaration(
            rights=_FIGURES
            | _CARE
            | _reading(
                Right.CLOSE_PERIODS,
                Right.READ_ACCOUNTS,
                Right.READ_APPRAISALS,
                Right.READ_COMPLAINTS,
                Right.READ_CONTESTS,
                Right.READ_DOSSIERS,
                Right.READ_STAFF,
                Right.WRITE_ACCOUNTS,
                Right.WRITE_COMPLAINTS,
                Right.WRITE_DOSSIERS,
                Right.WRITE_POINTS,
                Right.WRITE_STAFF,
                Right.WRITE_WEBHOOKS,
            ),
            held=Place.PROVINCE,
        ),
    }
)
"""Officers' named figures go to the officer, the direct head, the appraiser of an open appraisal
and the auditor. Who gives roles sees none of them: an administrator reads aggregates alone,
and who serves where, for the rosters."""


def gives(role: str, right: Right) -> bool:
    """Return whether a role gives a right; one that this release does not know gives none."""
    return role in set(Role) and right in ROLES[Role(role)].rights
