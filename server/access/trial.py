"""Who asks in a trial: `motcua run` on loopback opens everything to whoever sits at the machine."""

from __future__ import annotations

from server.access.grants import reaches_of
from server.access.principals import Principal, PrincipalKind
from server.access.roles import Role

NAME = "admin"
"""The account that `motcua run` makes; in a trial its screens open without signing in."""

TRIAL = Principal(
    name=NAME,
    kind=PrincipalKind.TRIAL,
    reaches=reaches_of([(Role.ADMINISTRATOR, None)], {}),
    roles=((Role.ADMINISTRATOR, None),),
)
