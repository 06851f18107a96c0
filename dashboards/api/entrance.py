"""Asks the API to sign people in and out, and to exchange one-time links and codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
import msgspec

from contract.access import ScreenEntered, SignedIn
from dashboards.api.rest import detail
from dashboards.errors import ApiRefused, ApiUnreachable, ApiUnreadable, NotSignedIn, TriedTooOften

_TIMEOUT_S = 15.0
"""A password's hash takes its time, and others may stand in line."""

T = TypeVar("T")


class EntranceClient:
    """The API's routes for signing in; each call raises DashboardsError when it is refused."""

    def __init__(self, api_url: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{api_url.rstrip('/')}/api/v1", trust_env=False, timeout=_TIMEOUT_S
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def sign_in(self, name: str, password: str, code: str, *, agent: str) -> SignedIn:
        """Return the token of whoever name, password and code are of."""
        body = {"name": name, "password": password, "code": code}
        return await self._post("/sign-ins", body, SignedIn, agent=agent)

    async def sign_out(self, token: str) -> None:
        """Make the token void."""
        await self._send("DELETE", "/sign-ins/current", token=token)

    async def link_owner(self, link: str) -> str:
        """Return the name of the account whose one-time link it is."""
        return (await self._post("/links/owner", {"link": link}, dict[str, str]))["name"]

    async def set_password(self, link: str, password: str) -> None:
        """Set the password of the link's owner."""
        await self._send("POST", "/links", {"link": link, "password": password})

    async def enter_screen(self, code: str) -> ScreenEntered:
        """Exchange a screen's code for its token."""
        return await self._post("/screens/entered", {"code": code}, ScreenEntered)

    async def _post(
        self, path: str, body: Mapping[str, str], kind: type[T], *, agent: str = ""
    ) -> T:
        response = await self._send("POST", path, body, agent=agent)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            raise ApiUnreadable(f"{path} says what this release cannot read: {error}") from error

    async def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
        agent: str = "",
    ) -> httpx.Response:
        headers: dict[str, Any] = {"User-Agent": agent} if agent else {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            response = await self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise ApiUnreachable(f"{path}: {error or type(error).__name__}") from error
        match response.status_code:
            case 401:
                raise NotSignedIn(detail(response))
            case 429:
                raise TriedTooOften(detail(response))
            case code if 400 <= code < 500:
                raise ApiRefused(detail(response))
            case code if code >= 500:
                raise ApiUnreachable(detail(response))
        return response
