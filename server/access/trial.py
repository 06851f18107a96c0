"""Who asks in a trial: `motcua run` on loopback opens everything to whoever sits at the machine."""

from __future__ import annotations

from server.access.grants import reaches_of
from server.access.principals import Principal, PrincipalKind
from server.access.roles import ROLES, Place, Role

NAME = "admin"
"""The account that `motcua run` makes; in a trial its screens open without signing in."""

TRIAL_ROLES = tuple(
    role.value
    for role, declared in ROLES.items()
    if declared.held is not Place.UNIT and role is not Role.WALL
)
"""The roles that may be tried: those of people that are held in the whole province."""


def trial_as(role: Role) -> Principal:
    """Return who asks in a trial of one of TRIAL_ROLES."""
    return Principal(
        name=NAME if role is Role.ADMINISTRATOR else role,
        kind=PrincipalKind.TRIAL,
        reaches=reaches_of([(role, None)], {}),
        roles=((role, None),),
    )
