"""Declares the right that a route or stream needs, and where, and checks it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import Depends, WebSocketException, status
from starlette.requests import HTTPConnection

from server.access.authentication import principal_of
from server.access.principals import NOWHERE, Principal, PrincipalKind, Reach
from server.access.rights import FOR_ANYONE, Right
from server.errors import Forbidden, ScopeInvalid, SecondFactorOwed, ServerError, SignInNeeded
from server.scopes import PROVINCE, Part, Scope

_BEFORE_SECOND_FACTOR = FOR_ANYONE | {Right.READ_OWN_ACCOUNT, Right.WRITE_OWN_ACCOUNT}


class At(StrEnum):
    """Where in a request the place stands for which the right is needed."""

    ANYWHERE = "anywhere"
    """The answer is the same for all, or the route leaves out what lies elsewhere."""
    SCOPE = "scope"
    """The parameter `scope`, the province without one."""
    UNIT = "unit"
    """The unit in the path."""
    UNIT_ASKED = "unit_asked"
    """The parameter `unit`, which cannot be left out."""


@dataclass(frozen=True, slots=True)
class Allow:
    """The dependency that lets only principals with `right` at the place pass, and gives them."""

    right: Right
    at: At = At.ANYWHERE

    async def __call__(
        self, connection: HTTPConnection, principal: Annotated[Principal, Depends(principal_of)]
    ) -> Principal:
        """Return the principal; raise an error for 401 or 403, which closes a WebSocket.

        As every dependency of a reading it is a coroutine: others are run in a thread.
        """
        refused = self.refusal(connection, principal)
        if refused is None:
            return principal
        if connection.scope["type"] == "websocket":
            raise WebSocketException(status.WS_1008_POLICY_VIOLATION, str(refused)[:120])
        raise refused

    def refusal(self, connection: HTTPConnection, principal: Principal) -> ServerError | None:
        """Return why the principal may not pass, None when it may."""
        if principal.owes_second_factor and self.right not in _BEFORE_SECOND_FACTOR:
            return SecondFactorOwed(
                "the role needs a second factor: set one up before anything else"
            )
        try:
            place = self._place(connection)
        except ScopeInvalid:
            place = None  # the route says what is wrong with it
        if principal.may(self.right, place):
            return self._officers(connection, principal, place)
        if principal.kind is PrincipalKind.ANYONE:
            return SignInNeeded("sign in, or send a key as `Authorization: Bearer KEY`")
        where = "" if place is None else f" of {place}"
        return Forbidden(f"{principal.name} may not {self.right.replace('_', ' ')}{where}")

    def _officers(
        self, connection: HTTPConnection, principal: Principal, place: Scope | None
    ) -> ServerError | None:
        """Return why figures of officers by name may not be told, None where none are asked for."""
        if self.at is not At.SCOPE or place is None or not names_officers(connection, place):
            return None
        own = principal.officer is not None and place.parts.get(Part.OFFICER) == principal.officer
        if own or principal.may(Right.READ_OFFICERS, place):
            return None
        return Forbidden(f"{principal.name} may not read figures of officers in {place.place}")

    def _place(self, connection: HTTPConnection) -> Scope | None:
        match self.at:
            case At.ANYWHERE:
                return None
            case At.SCOPE:
                return Scope.parse(connection.query_params.get("scope", str(PROVINCE)))
            case At.UNIT:
                return Scope.of_unit(connection.path_params["unit"])
            case At.UNIT_ASKED:
                return Scope.of_unit(connection.query_params.get("unit", ""))
            case _:
                assert_never(self.at)


def officers_seen(principal: Principal) -> Reach:
    """Return where figures may be told that name an officer because few served."""
    return NOWHERE if principal.owes_second_factor else principal.reach(Right.READ_OFFICERS)


def names_officers(connection: HTTPConnection, scope: Scope) -> bool:
    """Return whether figures of `scope`, as they are asked for, name officers."""
    return Part.OFFICER in scope.parts or Part.OFFICER in connection.query_params.getlist("by")


def allow(right: Right, at: At = At.ANYWHERE) -> Allow:
    """Return what a route declares: `Depends(allow(Right.READ_FIGURES, At.SCOPE))`."""
    return Allow(right, at)
