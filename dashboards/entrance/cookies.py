"""The cookies of a browser: who is signed in, which screen it is, and which forms are ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from fastapi import Response

_YEAR_S = 365 * 86_400
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """Names and attributes. Over TLS the names begin with `__Host-`: no other host can set them,
    and no page of the same host on another path.
    """

    plain_http: bool = False

    @property
    def account(self) -> str:
        """The name of the cookie that says who is signed in."""
        return self._named("motcua")

    @property
    def screen(self) -> str:
        """The name of the cookie that says which wall's screen it is."""
        return self._named("motcua-screen")

    @property
    def form(self) -> str:
        """The name of the cookie that shows that a form was ours."""
        return self._named("motcua-form")

    @property
    def sign_on(self) -> str:
        """The name of the cookie that says in which browser a single sign-on was begun."""
        return self._named("motcua-sign-on")

    def set_account(self, response: Response, token: str, ends_at: datetime) -> None:
        """Keep who is signed in until the sign-in ends."""
        left: timedelta = ends_at - datetime.now(UTC)
        self.set(response, self.account, token, max(1, int(left.total_seconds())))

    def set_screen(self, response: Response, token: str) -> None:
        """Keep which screen it is until it is revoked."""
        self.set(response, self.screen, token, _YEAR_S)

    def set(self, response: Response, name: str, value: str, lasts_s: int | None = None) -> None:
        """Set a cookie that scripts cannot read and other sites cannot make a browser send."""
        response.set_cookie(
            name,
            value,
            max_age=lasts_s,
            path="/",
            secure=not self.plain_http,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response, name: str) -> None:
        """Let the browser forget a cookie."""
        response.delete_cookie(
            name, path="/", secure=not self.plain_http, httponly=True, samesite="lax"
        )

    def _named(self, name: str) -> str:
        return name if self.plain_http else f"__Host-{name}"


def read_cookies(header: str) -> Mapping[str, str]:
    """Return the cookies of a request's header by name; one that cannot be ours is left out."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: each.value for name, each in jar.items() if 0 < len(each.value) <= _LONGEST}
