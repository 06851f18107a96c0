"""Who may see classes, and who may enter points."""

from __future__ import annotations

from server.access.principals import Principal
from server.access.rights import Right
from server.errors import Forbidden
from server.schemes.schemes import Level, Scheme
from server.schemes.store import Asked
from server.scopes import Scope


def require_sight(who: Principal, scheme: Scheme, asked: Asked) -> None:
    """Raise Forbidden unless the principal may see the classes that are asked for."""
    if asked.unit is None:
        return  # what lies elsewhere is left out
    own = asked.officer is not None and asked.officer == who.officer
    if not own and not who.reach(Right.READ_FIGURES).has(asked.unit):
        raise Forbidden(f"{who.name} may not read figures of {asked.unit}")
    if own or scheme.level is not Level.OFFICER:
        return
    if not who.reach(Right.READ_OFFICERS).has(asked.unit):
        raise Forbidden(f"{who.name} may not read figures of officers in {asked.unit}")


def subject_of(unit: str, officer: str | None) -> str:
    """Return how the audit log names a unit or an officer of it: as scopes are written."""
    return f"{Scope.of_unit(unit)}" + ("" if officer is None else f";officer:{officer}")


def require_entering(who: Principal, unit: str, officer: str | None) -> None:
    """Raise Forbidden unless the principal may enter points of a unit or officer."""
    if not who.reach(Right.WRITE_POINTS).has(unit):
        raise Forbidden(f"{who.name} may not enter points of {unit}")
    if officer is None:
        return
    if officer == who.officer:
        raise Forbidden("nobody enters points of themselves: make a self score in the appraisal")
    if not who.reach(Right.READ_OFFICERS).has(unit):
        raise Forbidden(f"{who.name} may not enter points of officers in {unit}")
