"""Asks the API to sign people in and out, and to exchange one-time links and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from contract.access import (
    AuditRow,
    RecoveryCodes,
    ScreenEntered,
    SecondFactorBegun,
    SignedIn,
    SignOnBegun,
    SignOnOffered,
)
from dashboards.api.asking import RELAY, asked_by, asking
from dashboards.api.rest import detail
from dashboards.errors import (
    ApiRefused,
    ApiUnreachable,
    ApiUnreadable,
    NotAllowed,
    NotSignedIn,
    TriedTooOften,
)

_TIMEOUT_S = 15.0
"""A password's hash takes its time, and others may stand in line."""

T = TypeVar("T")


class EntranceClient:
    """The API's routes for signing in; each call raises DashboardsError when it is refused."""

    def __init__(self, api_url: str, *, relay_secret: str = "") -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{api_url.rstrip('/')}/api/v1",
            headers={RELAY: relay_secret} if relay_secret else {},
            trust_env=False,
            timeout=_TIMEOUT_S,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def sign_in(self, name: str, password: str, code: str) -> SignedIn:
        """Return the token of whoever name, password and code are of."""
        body = {"name": name, "password": password, "code": code}
        with asked_by(replace(asking(), token=None)):
            return await self._post("/sign-ins", body, SignedIn)

    async def begin_sign_on(self) -> SignOnBegun:
        """Return where the browser signs in by the province's single sign-on."""
        return await self._post("/single-sign-on", {}, SignOnBegun)

    async def finish_sign_on(self, answer: Mapping[str, str]) -> SignedIn:
        """Return the token of whoever the single sign-on's answer names."""
        with asked_by(replace(asking(), token=None)):
            return await self._post("/single-sign-on/answered", answer, SignedIn)

    async def sign_on_offered(self) -> SignOnOffered:
        """Return whether there is a single sign-on, and where one signs out of it."""
        with asked_by(replace(asking(), token=None)):
            response = await self._send("GET", "/single-sign-on")
        return msgspec.json.decode(response.content, type=SignOnOffered)

    async def audit(self, query: Mapping[str, str]) -> tuple[AuditRow, ...]:
        """Return entries of the audit log, the newest first."""
        response = await self._send("GET", f"/audit?{urlencode(query)}")
        return msgspec.json.decode(response.content, type=tuple[AuditRow, ...])

    async def sign_out(self) -> None:
        """Make the token of whoever asks void."""
        await self._send("DELETE", "/sign-ins/current")

    async def begin_second_factor(self) -> SecondFactorBegun:
        """Return a new secret for a telephone."""
        return await self._post("/second-factor", {}, SecondFactorBegun)

    async def confirm_second_factor(self, code: str) -> tuple[str, ...]:
        """Let the second factor count and return its recovery codes."""
        body = {"code": code}
        return (await self._post("/second-factor/confirmed", body, RecoveryCodes)).codes

    async def link_owner(self, link: str) -> str:
        """Return the name of the account whose one-time link it is."""
        return (await self._post("/links/owner", {"link": link}, dict[str, str]))["name"]

    async def set_password(self, link: str, password: str) -> None:
        """Set the password of the link's owner."""
        await self._send("POST", "/links", {"link": link, "password": password})

    async def enter_screen(self, code: str) -> ScreenEntered:
        """Exchange a screen's code for its token."""
        return await self._post("/screens/entered", {"code": code}, ScreenEntered)

    async def _post(self, path: str, body: Mapping[str, str], kind: type[T]) -> T:
        response = await self._send("POST", path, body)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            raise ApiUnreadable(f"{path} says what this release cannot read: {error}") from error

    async def _send(
        self, method: str, path: str, body: Mapping[str, str] | None = None
    ) -> httpx.Response:
        try:
            response = await self._client.request(
                method, path, json=body, headers=asking().headers()
            )
        except httpx.HTTPError as error:
            raise ApiUnreachable(f"{path}: {error or type(error).__name__}") from error
        match response.status_code:
            case 401:
                raise NotSignedIn(detail(response))
            case 403:
                raise NotAllowed(detail(response))
            case 429:
                raise TriedTooOften(detail(response))
            case code if 400 <= code < 500:
                raise ApiRefused(detail(response))
            case code if code >= 500:
                raise ApiUnreachable(detail(response))
        return response
