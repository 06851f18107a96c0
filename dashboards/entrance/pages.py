"""The pages of the entrance, in one language at a time: Vietnamese, or English by choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

import segno
from fastapi.responses import HTMLResponse

from contract.access import SecondFactorBegun, Visitor
from contract.texts import Language, texts
from dashboards.look import theme
from runtime.root_path import below_root

_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_LOOKS_AGAIN_S = 30


def say(key: str, language: Language, **figures: object) -> str:
    """Return a text of the entrance in one language, fit to stand in a page."""
    return escape(texts("dashboards", language).format(f"entrance.{key}", **figures))


def sign_in(
    language: Language,
    *,
    form: str,
    onward: str,
    name: str = "",
    problem: str = "",
    single_sign_on: bool = False,
) -> HTMLResponse:
    """Return the form to sign in; `problem` is the key of what was wrong."""
    fields = (
        _hidden("form", form)
        + _hidden("next", onward)
        + _field("name", "text", say("name", language), name, "username", focus=True)
        + _field("password", "password", say("password", language), "", "current-password")
        + _field("code", "text", say("code", language), "", "one-time-code", needed=False)
    )
    body = _problem(problem, language)
    if single_sign_on:
        body += _link("/sign-in/single-sign-on", say("single_sign_on", language))
    body += _form("/sign-in", fields, say("sign_in", language))
    return page("sign_in", language, body, status=401 if problem else 200)


def second_factor(language: Language, *, form: str, begun: SecondFactorBegun) -> HTMLResponse:
    """Return the page that sets up a second factor: a QR code, its secret, and the first code."""
    picture = segno.make(begun.address, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", omitsize=True
    )
    secret = " ".join(begun.secret[start : start + 4] for start in range(0, len(begun.secret), 4))
    fields = _hidden("form", form) + _field(
        "code", "text", say("code_shown", language), "", "one-time-code", focus=True
    )
    body = (
        f"<p>{say('why.factor', language)}</p>"
        f'<div class="picture">{picture}</div>'
        f'<p class="soft">{say("factor_by_hand", language)} <code>{escape(secret)}</code></p>'
    )
    body += _form("/second-factor", fields, say("confirm", language))
    return page("second_factor", language, body)


def recovery_codes(language: Language, codes: Sequence[str], *, onward: str) -> HTMLResponse:
    """Return the page that shows the recovery codes, this once."""
    listed = "".join(f"<li><code>{escape(code)}</code></li>" for code in codes)
    body = f"<p>{say('why.codes', language)}</p><ul>{listed}</ul>"
    return page("codes", language, body + _link(onward, say("go_on", language)))


def set_password(
    language: Language, *, form: str, account: str, address: str, problem: str = "", shown: str = ""
) -> HTMLResponse:
    """Return the form that sets a password by a one-time link."""
    hidden = f'<input type="hidden" autocomplete="username" value="{escape(account)}">'
    fields = (
        _hidden("form", form)
        + hidden
        + _field("password", "password", say("new_password", language), "", "new-password")
        + _field("again", "password", say("again", language), "", "new-password")
    )
    said = f"<p>{say('link_of', language, account=account)}</p>"
    hint = f'<p class="soft">{say("password_rule", language)}</p>'
    warned = f'<p class="problem" role="alert">{escape(shown)}</p>' if shown else ""
    body = said + hint + _problem(problem, language) + warned
    body += _form(address, fields, say("keep", language))
    return page("set_password", language, body, status=422 if problem or shown else 200)


def notice(
    key: str, language: Language, *, status: int = 200, onward: str | None = None
) -> HTMLResponse:
    """Return a page that says one thing, with a link to go on."""
    link = "" if onward is None else _link(onward, say("go_on", language))
    body = f"<p>{say(f'why.{key}', language)}</p>{link}"
    return page(key, language, body, status=status)


def screen_void(language: Language) -> HTMLResponse:
    """Return what a wall shows whose screen was revoked; it looks again by itself."""
    body = f"<p>{say('why.screen_void', language)}</p>"
    answer = page("screen_void", language, body, status=401, width="far")
    answer.headers["Refresh"] = str(_LOOKS_AGAIN_S)
    return answer


def denied(visitor: Visitor, language: Language, *, home: str = "") -> HTMLResponse:
    """Return the page that says that somebody may not see what they asked for.

    `home` is the name of a page that they may see.
    """
    name = visitor.full_name or visitor.name
    body = f"<p>{say('why.denied', language, name=name)}</p>"
    if home:
        title = texts("dashboards", language)[f"page.{home}"]
        body += _link(f"/{home}", say("to_page", language, page=title))
    body += _link("/sign-in", say("as_other", language))
    return page("denied", language, body, status=403)


def page(
    title: str, language: Language, body: str, *, status: int = 200, width: str = "narrow"
) -> HTMLResponse:
    """Return a page of the entrance; `body` is HTML whose texts are escaped.

    `width` is narrow, wide, or far: to be read from six metres.
    """
    tokens = {
        "root": below_root(""),
        "language": language,
        "worn": theme.worn(),
        "title": say(title, language),
        "theme": theme.css_variables(),
        "languages": _languages(language),
        "width": width,
        "body": body,
    }
    html = _template()
    for name, value in tokens.items():
        html = html.replace(f"@{name}@", value)
    return HTMLResponse(html, status, headers=dict(_HEADERS))


@cache
def _template() -> str:
    return (Path(__file__).parent / "page.html").read_text(encoding="utf-8")


def _languages(chosen: Language) -> str:
    names = {Language.VI: "Tiếng Việt", Language.EN: "English"}
    return " ".join(
        f'<a href="?lang={each}" lang="{each}"{" class=here" if each is chosen else ""}>{name}</a>'
        for each, name in names.items()
    )


def _form(address: str, fields: str, button: str) -> str:
    return (
        f'<form method="post" action="{escape(below_root(address))}">{fields}'
        f'<button type="submit">{button}</button></form>'
    )


def _field(
    name: str,
    kind: str,
    label: str,
    value: str,
    autocomplete: str,
    *,
    focus: bool = False,
    needed: bool = True,
) -> str:
    marks = (" autofocus" if focus else "") + (" required" if needed else "")
    return (
        f'<label>{label}<input name="{name}" type="{kind}" value="{escape(value)}" '
        f'autocomplete="{autocomplete}" maxlength="200"{marks}></label>'
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _link(address: str, text: str) -> str:
    return f'<p><a href="{escape(below_root(address))}">{text}</a></p>'


def _problem(key: str, language: Language) -> str:
    return f'<p class="problem" role="alert">{say(key, language)}</p>' if key else ""
