"""Lets a request through to its page, or sends whoever asks to sign in.

The gate decides which page is shown; what stands on it the API decides again, for each question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from contract.access import Visitor
from dashboards.api.asking import AUTOMATIC, Asking, asked_by
from dashboards.api.preferences import keep
from dashboards.api.rest import Answer, RestClient
from dashboards.api.visiting import visited_by
from dashboards.entrance.cookies import Cookies, read_cookies
from dashboards.entrance.pages import denied, screen_void
from dashboards.entrance.speaking import LANGUAGE, THEME, chosen_of, language_of
from dashboards.errors import NotSignedIn

SIGN_IN, SIGN_OUT, VISITOR = "/sign-in", "/sign-out", "/visitor"
SECOND_FACTOR = "/second-factor"
SIGN_ON, SIGN_ON_ANSWER = "/sign-in/single-sign-on", "/sign-in/answered"
LINKS, SCREENS = "/links/", "/screens/"
_OPEN = ("/assets/", "/_dash-component-suites/", "/_favicon", LINKS, SCREENS)
_OPEN_EXACT = frozenset({"/healthz", SIGN_IN, SIGN_ON, SIGN_ON_ANSWER, SIGN_OUT, VISITOR})
_CALLBACKS = "/_dash-update-component"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FIGURES = "read_figures"
_WALL = "/wall"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class Gate:
    """An ASGI application in front of all pages. `pages` names the right that each one needs."""

    def __init__(
        self, app: App, *, api: RestClient, cookies: Cookies, pages: Mapping[str, str]
    ) -> None:
        self._app = app
        self._api = api
        self._cookies = cookies
        self._pages = pages

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer, or hand on to the page with the token of whoever asks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        token = account_token(request.headers.get("cookie", ""), self._cookies)
        # Whether a callback is a person's doing or the page's own, the page knows.
        by_itself = AUTOMATIC.lower() in request.headers or request.url.path == _CALLBACKS
        who = Asking(
            token=token,
            address=request.client.host if request.client else "",
            agent=request.headers.get("user-agent", "")[:200],
            language=language_of(request),
        )
        with asked_by(replace(who, automatic=by_itself)):
            answer, visitor = await self._answer(request)
        with asked_by(who), visited_by(visitor):
            if answer is None and request.url.path != _WALL:
                await self._keep_look(request)
            await (answer or self._app)(scope, receive, send)

    async def _answer(self, request: Request) -> tuple[Response | None, Visitor | None]:
        """Return what is answered in place of the page, None where it may be seen, and who asks."""
        path = request.url.path
        if request.method not in _SAFE and is_foreign(request.headers):
            return JSONResponse({"detail": "sent from a page of another site"}, 403), None
        if path in _OPEN_EXACT or path.startswith(_OPEN):
            return None, None
        visitor = await self._api.me()
        if visitor.value is None and not isinstance(visitor.error, NotSignedIn):
            return None, None  # nobody can be asked; the page has no figures of its own
        if visitor.value is None or _is_nobody(visitor):
            return self._signed_out(request), None
        return self._page(request, visitor.value), visitor.value

    async def _keep_look(self, request: Request) -> None:
        """Keep with the account which language and theme the address chooses anew."""
        chosen = chosen_of(request)
        anew = {name: said for name, said in chosen.items() if request.cookies.get(name) != said}
        if anew:
            named = {LANGUAGE: "language", THEME: "theme"}
            await keep(self._api, {named[name]: said for name, said in anew.items()})

    def _signed_out(self, request: Request) -> Response:
        """Return what is answered to nobody: a screen that was revoked has none to sign in."""
        found = read_cookies(request.headers.get("cookie", ""))
        is_screen = self._cookies.screen in found and self._cookies.account not in found
        if request.url.path == _WALL and is_screen:
            return screen_void(language_of(request))
        return _signed_out(request)

    def _page(self, request: Request, visitor: Visitor) -> Response | None:
        path, asked = request.url.path, request.query_params
        if visitor.owes_second_factor:
            return None if path == SECOND_FACTOR else _to_second_factor(path)
        right = self._pages.get(path.strip("/"))
        if right is None:
            return None
        scopes = visitor.rights.get(right, ())
        if not scopes:
            return denied(visitor, language_of(request), home=self._home(visitor))
        if right == _FIGURES and "scope" not in asked and "province" not in scopes:
            return RedirectResponse(f"{path}?{urlencode({**asked, 'scope': scopes[0]})}", 303)
        return None

    def _home(self, visitor: Visitor) -> str:
        """Return the first page that the visitor may open, none where there is none."""
        return next((name for name, right in self._pages.items() if visitor.rights.get(right)), "")


def account_token(header: str, cookies: Cookies) -> str | None:
    """Return the token of who is signed in in this browser, else that of its screen."""
    found = read_cookies(header)
    return found.get(cookies.account) or found.get(cookies.screen)


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Return whether a browser says that a page of another site sends this."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _is_nobody(visitor: Answer[Visitor]) -> bool:
    return visitor.value is None or visitor.value.kind == "anyone"


def _signed_out(request: Request) -> Response:
    path, query = request.url.path, request.url.query
    if path.startswith("/_"):
        return JSONResponse({"detail": "sign in again"}, 401)
    here = path + (f"?{query}" if query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(here, safe='')}", 303)


def _to_second_factor(path: str) -> Response:
    if path.startswith("/_"):
        return JSONResponse({"detail": "set up a second factor"}, 403)
    return RedirectResponse(SECOND_FACTOR, 303)
