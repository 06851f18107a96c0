"""Declares the right that a route or stream needs, and checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, WebSocketException, status
from starlette.requests import HTTPConnection

from server.access.principals import Principal, principal_of
from server.access.rights import Right
from server.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Allow:
    """The dependency that lets only principals with `right` pass, and gives the principal."""

    right: Right

    def __call__(
        self, connection: HTTPConnection, principal: Annotated[Principal, Depends(principal_of)]
    ) -> Principal:
        """Return the principal; raise Forbidden, which closes a WebSocket."""
        if principal.may(self.right):
            return principal
        reason = f"{principal.name} may not {self.right.replace('_', ' ')}"
        if connection.scope["type"] == "websocket":
            raise WebSocketException(status.WS_1008_POLICY_VIOLATION, reason)
        raise Forbidden(reason)


def allow(right: Right) -> Allow:
    """Return what a route declares in its dependencies: `Depends(allow(Right.READ_FIGURES))`."""
    return Allow(right)
