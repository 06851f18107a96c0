"""The addresses of the entrance: signing in and out, one-time links, walls' first addresses."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from contract.access import SignedIn, Visitor
from contract.texts import Language, Texts, texts
from dashboards.api.asking import AUTOMATIC, asked_by, asking
from dashboards.api.entrance import EntranceClient
from dashboards.api.preferences import preferences_of
from dashboards.api.rest import RestClient
from dashboards.entrance import pages
from dashboards.entrance.audit import AUDIT, show_audit
from dashboards.entrance.cookies import Cookies, read_cookies
from dashboards.entrance.gate import (
    LINKS,
    SCREENS,
    SECOND_FACTOR,
    SIGN_IN,
    SIGN_ON,
    SIGN_ON_ANSWER,
    SIGN_OUT,
    VISITOR,
)
from dashboards.entrance.speaking import LANGUAGE, THEME, language_of, remember
from dashboards.errors import ApiRefused, DashboardsError, NotAllowed, NotSignedIn, TriedTooOften
from runtime.root_path import below_root

_Maker = Callable[[Request, Language, str], Response]

_AFTER = "/units"
_SIGN_ON_S = 600
_SIGNED_ON = "signed-on"
"""What the cookie of a single sign-on says once it has led to a sign-in."""
_LARGEST_FORM_BYTES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the entrance's routes work with."""

    api: RestClient
    entrance: EntranceClient
    cookies: Cookies


def add_entrance(server: FastAPI, doors: Doors) -> None:
    """Serve the entrance's addresses."""
    for path, answer, method in (
        (SIGN_IN, _sign_in_form, "GET"),
        (SIGN_IN, _sign_in, "POST"),
        (SIGN_ON, _sign_on, "GET"),
        (SIGN_ON_ANSWER, _sign_on_answer, "GET"),
        (SIGN_OUT, _sign_out, "POST"),
        (SECOND_FACTOR, _second_factor, "GET"),
        (SECOND_FACTOR, _confirm_second_factor, "POST"),
        (f"{LINKS}{{token}}", _link, "GET"),
        (f"{LINKS}{{token}}", _use_link, "POST"),
        (f"{SCREENS}{{code}}", _screen, "GET"),
        (AUDIT, _audit, "GET"),
        (VISITOR, _visitor, "GET"),
    ):
        server.add_route(path, partial(answer, doors), methods=[method])


def within(onward: str, otherwise: str = _AFTER) -> str:
    """Return an address of these pages to go on to; one that leads elsewhere is not followed."""
    parts = urlsplit(onward)
    sound = onward.startswith("/") and not onward.startswith(("//", "/\\", SIGN_IN, SIGN_OUT))
    sound = sound and not parts.scheme and not parts.netloc
    return onward if sound and onward.isprintable() and "\\" not in onward else otherwise


async def _sign_in_form(doors: Doors, request: Request) -> Response:
    onward = within(request.query_params.get("next", ""))
    try:
        offered = (await doors.entrance.sign_on_offered()).offered
    except DashboardsError:
        offered = False

    def form(_: Request, language: Language, proof: str) -> Response:
        return pages.sign_in(language, form=proof, onward=onward, single_sign_on=offered)

    return _with_form(request, doors, form)


async def _sign_in(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    given = await _read_form(request, doors.cookies)
    if given is None:
        return pages.notice("form_old", language, status=403, onward=SIGN_IN)
    name, onward = given.get("name", ""), within(given.get("next", ""))
    try:
        signed_in = await doors.entrance.sign_in(
            name,
            given.get("password", ""),
            given.get("code", "").replace(" ", ""),
        )
    except DashboardsError as error:
        proof = given["form"]
        problem = _problem(error)
        return pages.sign_in(language, form=proof, onward=onward, name=name, problem=problem)
    response = RedirectResponse(onward, 303)
    await _let_in(doors, response, signed_in)
    doors.cookies.clear(response, doors.cookies.form)
    return response


async def _let_in(doors: Doors, response: Response, signed_in: SignedIn) -> None:
    """Keep in the browser who is signed in, and how pages look to them."""
    doors.cookies.set_account(response, signed_in.token, signed_in.ends_at)
    kept = await preferences_of(doors.api, signed_in.token)
    for name, said in ((LANGUAGE, kept.language), (THEME, kept.theme)):
        if said is not None:
            remember(response, name, said)


async def _sign_on(doors: Doors, request: Request) -> Response:
    try:
        begun = await doors.entrance.begin_sign_on()
    except ApiRefused:
        return RedirectResponse(SIGN_IN, 303)
    except DashboardsError:
        return pages.notice("sign_on_away", language_of(request), status=503, onward=SIGN_IN)
    response = RedirectResponse(begun.address, 303)
    doors.cookies.set(response, doors.cookies.sign_on, begun.browser, _SIGN_ON_S)
    return response


async def _sign_on_answer(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    known = read_cookies(request.headers.get("cookie", "")).get(doors.cookies.sign_on, "")
    given = {name: request.query_params.get(name, "") for name in ("state", "code", "iss")}
    try:
        signed_in = await doors.entrance.finish_sign_on({**given, "browser": known})
    except NotAllowed:
        return pages.notice("sign_on_no_role", language, status=403, onward=SIGN_IN)
    except ApiRefused:
        return pages.notice("sign_on_refused", language, status=401, onward=SIGN_IN)
    except DashboardsError:
        return pages.notice("sign_on_away", language, status=503, onward=SIGN_IN)
    response = RedirectResponse(_AFTER, 303)
    await _let_in(doors, response, signed_in)
    doors.cookies.set(response, doors.cookies.sign_on, _SIGNED_ON)
    return response


async def _sign_out(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    if await _read_form(request, doors.cookies) is None:
        return pages.notice("form_old", language, status=403, onward=_AFTER)
    token = read_cookies(request.headers.get("cookie", "")).get(doors.cookies.account)
    if token is not None:
        try:
            await doors.entrance.sign_out()
        except ApiRefused:
            pass  # it had ended by itself
        except DashboardsError:
            return pages.notice("away", language, status=503, onward=_AFTER)
        doors.api.forget(token)
    signed_on = read_cookies(request.headers.get("cookie", "")).get(doors.cookies.sign_on)
    response = RedirectResponse(await _signed_out(doors, signed_on=signed_on == _SIGNED_ON), 303)
    doors.cookies.clear(response, doors.cookies.account)
    doors.cookies.clear(response, doors.cookies.sign_on)
    return response


async def _signed_out(doors: Doors, *, signed_on: bool) -> str:
    """Return where a browser goes that has signed out: out of the single sign-on as well."""
    if not signed_on:
        return SIGN_IN
    try:
        return (await doors.entrance.sign_on_offered()).sign_out or SIGN_IN
    except DashboardsError:
        return SIGN_IN


async def _second_factor(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    try:
        begun = await doors.entrance.begin_second_factor()
    except NotSignedIn:
        return RedirectResponse(SIGN_IN, 303)
    except ApiRefused:
        return pages.notice("factor_set", language, onward=_AFTER)
    except DashboardsError:
        return pages.notice("away", language, status=503)

    def form(_: Request, language: Language, proof: str) -> Response:
        return pages.second_factor(language, form=proof, begun=begun)

    return _with_form(request, doors, form)


async def _confirm_second_factor(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    given = await _read_form(request, doors.cookies)
    if given is None:
        return pages.notice("form_old", language, status=403, onward=SECOND_FACTOR)
    try:
        code = given.get("code", "").replace(" ", "")
        codes = await doors.entrance.confirm_second_factor(code)
    except ApiRefused:
        return pages.notice("code_wrong", language, status=422, onward=SECOND_FACTOR)
    except DashboardsError:
        return pages.notice("away", language, status=503, onward=SECOND_FACTOR)
    token = asking().token
    if token is not None:
        doors.api.forget(token)
    return pages.recovery_codes(language, codes, onward=_AFTER)


async def _link(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    token = request.path_params["token"]
    try:
        account = await doors.entrance.link_owner(token)
    except ApiRefused:
        return pages.notice("link_void", language, status=410, onward=SIGN_IN)
    except DashboardsError:
        return pages.notice("away", language, status=503)

    def form(request: Request, language: Language, proof: str) -> Response:
        return pages.set_password(language, form=proof, account=account, address=request.url.path)

    return _with_form(request, doors, form)


async def _use_link(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    token = request.path_params["token"]
    given = await _read_form(request, doors.cookies)
    if given is None:
        return pages.notice("form_old", language, status=403, onward=request.url.path)
    problem = shown = account = ""
    try:
        account = await doors.entrance.link_owner(token)
        if given.get("password") != given.get("again"):
            problem = "not_the_same"
        else:
            await doors.entrance.set_password(token, given.get("password", ""))
    except ApiRefused as error:
        if not account:
            return pages.notice("link_void", language, status=410, onward=SIGN_IN)
        problem, shown = "password_unfit", str(error) if language is Language.EN else ""
    except DashboardsError:
        return pages.notice("away", language, status=503)
    if problem:
        return pages.set_password(
            language,
            form=given["form"],
            account=account,
            address=request.url.path,
            problem=problem,
            shown=shown,
        )
    return pages.notice("password_kept", language, onward=SIGN_IN)


async def _screen(doors: Doors, request: Request) -> Response:
    language = language_of(request)
    try:
        entered = await doors.entrance.enter_screen(request.path_params["code"])
    except ApiRefused:
        return pages.notice("screen_void", language, status=410)
    except DashboardsError:
        return pages.notice("away", language, status=503)
    response = RedirectResponse(f"/wall?{urlencode({'scope': entered.scope})}", 303)
    doors.cookies.set_screen(response, entered.token)
    return response


async def _audit(doors: Doors, request: Request) -> Response:
    return await show_audit(doors.entrance, request)


async def _visitor(doors: Doors, request: Request) -> Response:
    """Return who is signed in, for the mark on the desk pages."""
    automatic = AUTOMATIC.lower() in request.headers
    with asked_by(replace(asking(), automatic=automatic)):
        visitor = (await doors.api.me()).value
    if visitor is None:
        return Response(status_code=401)
    language = language_of(request)
    text = texts("dashboards", language)
    key, name = "entrance.signed_in_as", visitor.full_name or visitor.name
    if visitor.kind == "trial":  # named by the role that it is tried as
        key, name = "entrance.trial", text.get(f"role.{name}", name)
    proof, fresh = _proof(request, doors.cookies)
    response = JSONResponse(
        {
            "kind": visitor.kind,
            "label": text.format(key, name=name),
            "sign_out": text.format("entrance.sign_out"),
            "form": proof,
            "links": _links(visitor, text),
        },
        headers={"Cache-Control": "no-store"},
    )
    if fresh:
        doors.cookies.set(response, doors.cookies.form, proof)
    return response


def _links(visitor: Visitor, text: Texts) -> list[dict[str, str]]:
    """Return the pages beside the common ones that the visitor may open."""
    if "read_audit" not in visitor.rights:
        return []
    return [{"href": below_root(AUDIT), "text": text.format("entrance.audit")}]


def _with_form(request: Request, doors: Doors, make: _Maker) -> Response:
    """Return a page with a form that proves to be ours; remember the language chosen."""
    language = language_of(request)
    proof, fresh = _proof(request, doors.cookies)
    response = make(request, language, proof)
    if fresh:
        doors.cookies.set(response, doors.cookies.form, proof)
    return response


def _proof(request: Request, cookies: Cookies) -> tuple[str, bool]:
    """Return what a form of ours says again, and whether the browser has to be given it."""
    known = read_cookies(request.headers.get("cookie", "")).get(cookies.form)
    return (known, False) if known else (secrets.token_urlsafe(24), True)


async def _read_form(request: Request, cookies: Cookies) -> Mapping[str, str] | None:
    """Return the fields of a form, None for one that is not ours or too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM_BYTES:
            return None
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=20)
    except (UnicodeDecodeError, ValueError):
        return None
    given = {name: values[0] for name, values in fields.items()}
    known = read_cookies(request.headers.get("cookie", "")).get(cookies.form, "")
    proof = given.get("form", "")
    ours = bool(known) and secrets.compare_digest(known.encode(), proof.encode())
    return given if ours else None


def _problem(error: DashboardsError) -> str:
    if isinstance(error, TriedTooOften):
        return "paused"
    return "wrong" if isinstance(error, NotSignedIn | ApiRefused) else "why.away"
