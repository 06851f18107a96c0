"""The province's OpenID provider: what it says of itself, its keys, and its answers, all checked.

OpenID Connect Core 1.0, 3.1 (code flow), with PKCE (RFC 7636) and the issuer's name in the answer
(RFC 9207). Only asymmetric signatures are taken: `none`, and secrets shared by both sides, verify
nothing.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from server.access.settings import SingleSignOnSettings
from server.errors import ProviderAway, SignInRefused

_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "PS384", "PS512", "Ed25519"]
_LEEWAY_S = 60
"""Clocks of two servers are seldom further apart."""
_TIMEOUT_S = 5.0
_FRESH_S = 600.0
KEYS_AGAIN_S = 10.0
"""A key that is not known is asked for, but nobody can make us ask all the time."""
_REFUSED = "the single sign-on's answer is not valid; sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the browser is sent, and what the answer is checked against."""

    address: str
    state: str
    verifier: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who the provider says that it is."""

    issuer: str
    subject: str
    name: str
    full_name: str
    officer: str | None
    groups: tuple[str, ...]
    second_factor: bool


class Provider:
    """Talks to the provider; used in one event loop."""

    def __init__(
        self, settings: SingleSignOnSettings, *, keys_again_s: float = KEYS_AGAIN_S
    ) -> None:
        self._settings = settings
        self._keys_again_s = keys_again_s
        self._issuer = (settings.issuer or "").rstrip("/")
        self._about: Mapping[str, Any] | None = None
        self._about_at_s = 0.0
        self._keys: KeySet | None = None
        self._keys_at_s = 0.0
        self._asking = asyncio.Lock()

    @property
    def is_set(self) -> bool:
        """Whether there is a provider."""
        return bool(self._issuer)

    async def ask(self) -> Asked:
        """Return the address at which the browser signs in; raise ProviderAway."""
        about = await self._configuration()
        verifier, nonce, state = (secrets.token_urlsafe(48) for _ in range(3))
        address = prepare_grant_uri(
            about["authorization_endpoint"],
            self._settings.client_id,
            "code",
            redirect_uri=self._back(),
            scope=self._settings.scope,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Asked(address=address, state=state, verifier=verifier, nonce=nonce)

    async def person(self, *, code: str, issuer: str, verifier: str, nonce: str) -> Person:
        """Return who signed in; raise SignInRefused for an answer that does not hold, ProviderAway
        for none.
        """
        about = await self._configuration()
        named = about.get("authorization_response_iss_parameter_supported", False)
        if (issuer or named) and issuer.rstrip("/") != self._issuer:
            raise SignInRefused(_REFUSED)
        said = (await self._exchange(about["token_endpoint"], code, verifier)).get("id_token")
        if not isinstance(said, str):
            raise SignInRefused(_REFUSED)
        return self._read(await self._claims(said, nonce))

    async def _exchange(self, address: str, code: str, verifier: str) -> Mapping[str, Any]:
        """Return what the provider gives for the code."""
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._back(), code=code, code_verifier=verifier
        )
        known_by = (self._settings.client_id, self._settings.client_secret.get_secret_value())
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
                answer = await client.post(
                    address,
                    content=body,
                    auth=httpx.BasicAuth(*(quote(part, safe="") for part in known_by)),
                    headers={"Content-Type": "application/x-www-form-urlencoded"},
                )
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _away(error) from error
        if answer.status_code >= 500:
            raise _away(httpx.HTTPError(f"status {answer.status_code}"))
        if answer.is_error or not isinstance(found, dict):
            raise SignInRefused(_REFUSED)
        return found

    async def logout_address(self) -> str | None:
        """Return where the browser signs out of the provider, None where it has no such place."""
        if not self.is_set:
            return None
        try:
            end = (await self._configuration()).get("end_session_endpoint")
        except ProviderAway:
            return None
        if not isinstance(end, str):
            return None
        back = {
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": f"{self._settings.dashboards()}/sign-in",
        }
        return str(httpx.URL(end).copy_merge_params(back))

    async def _claims(self, said: str, nonce: str) -> Mapping[str, Any]:
        """Return the claims of an ID token; raise SignInRefused where signature, issuer, audience,
        times or nonce do not hold.
        """
        claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._about_issuer()},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            try:
                token = jwt.decode(said, await self._key_set(), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                # Its keys may have been exchanged since.
                token = jwt.decode(said, await self._key_set(anew=True), algorithms=_ALGORITHMS)
            claims.validate(token.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise SignInRefused(_REFUSED) from error
        found: Mapping[str, Any] = token.claims
        if found.get("azp", self._settings.client_id) != self._settings.client_id:
            raise SignInRefused(_REFUSED)
        return found

    def _read(self, claims: Mapping[str, Any]) -> Person:
        settings = self._settings
        groups = claims.get(settings.groups_claim, ())
        officer = claims.get(settings.officer_claim) if settings.officer_claim else None
        factors = claims.get("amr", ())
        return Person(
            issuer=self._about_issuer(),
            subject=str(claims["sub"])[:255],
            name=str(claims.get(settings.name_claim, ""))[:200],
            full_name=str(claims.get("name", ""))[:200],
            officer=str(officer).upper()[:63] if officer else None,
            groups=tuple(str(group) for group in groups) if isinstance(groups, list) else (),
            second_factor=isinstance(factors, list)
            and not {"mfa", "otp", "hwk", "swk"}.isdisjoint(map(str, factors)),
        )

    def _about_issuer(self) -> str:
        return str((self._about or {}).get("issuer", self._issuer))

    async def _configuration(self) -> Mapping[str, Any]:
        async with self._asking:
            fresh = time.monotonic() - self._about_at_s < _FRESH_S
            if self._about is None or not fresh:
                self._about = await self._fetch(f"{self._issuer}/.well-known/openid-configuration")
                self._about_at_s = time.monotonic()
            if str(self._about.get("issuer", "")).rstrip("/") != self._issuer:
                self._about = None
                raise ProviderAway(f"{self._issuer} says that it is another issuer")
            return self._about

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        about = await self._configuration()
        async with self._asking:
            age_s = time.monotonic() - self._keys_at_s
            if self._keys is None or age_s > (self._keys_again_s if anew else _FRESH_S):
                self._keys = KeySet.import_key_set(await self._fetch(about["jwks_uri"]))  # type: ignore[arg-type]
                self._keys_at_s = time.monotonic()
            return self._keys

    async def _fetch(self, address: str) -> Mapping[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
                answer = await client.get(address)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _away(error) from error
        if not isinstance(found, dict):
            raise ProviderAway("the single sign-on says what this release cannot read")
        return found

    def _back(self) -> str:
        return f"{self._settings.dashboards()}/sign-in/answered"


def _away(error: Exception) -> ProviderAway:
    return ProviderAway(
        "the single sign-on does not answer; try again, or sign in with name and password "
        f"({type(error).__name__})"
    )
