"""The pages that a telephone is shown: HTML without scripts, cookies or requests to others."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from uuid import UUID

from contract.messages import RatingReason
from contract.texts import Language, Texts, texts
from server.phone.questions import QuestionSet
from server.phone.store import Visit
from server.phone.submissions import LONGEST_COMMENT

_LEVELS = (5, 4, 3, 2, 1)
_KEY = re.compile(r"\{\{([a-z0-9_.]+)\}\}")


@cache
def _style() -> str:
    return resources.files("server.phone").joinpath("phone.css").read_text(encoding="utf-8")


@cache
def headers() -> dict[str, str]:
    """Return what keeps the page to itself: its own style, its own form, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def render_form(visit: Visit, *, form: UUID, language: Language, problem: str | None) -> str:
    """Return the page that takes the rating; `problem` is the key of what was wrong with it."""
    said = texts("server.phone", language)
    alert = "" if problem is None else f'<p class="problem" role="alert">{_(said, problem)}</p>'
    return _page(
        said,
        language,
        title=said["form.title"],
        body=_fill(
            "form.html",
            said,
            unit=html.escape(visit.names[language]),
            alert=alert,
            form=str(form),
            language=language,
            levels=_levels(said, "score", required=True),
            reasons=_reasons(said),
            questions=_questions(said, language, visit.questions),
            comment=_fill("comment.html", said, longest=str(LONGEST_COMMENT))
            if visit.comments
            else "",
        ),
        switch=True,
    )


def render_word(key: str, language: Language) -> str:
    """Return a page that only says something: thanks, or why nothing can be rated."""
    said = texts("server.phone", language)
    body = (
        f'<h1 id="title">{_(said, f"{key}.title")}</h1><p class="lead">{_(said, f"{key}.text")}</p>'
    )
    return _page(said, language, title=said[f"{key}.title"], body=body, switch=False)


def _page(said: Texts, language: Language, *, title: str, body: str, switch: bool) -> str:
    other = Language.EN if language is Language.VI else Language.VI
    name = html.escape(texts("server.phone", other)["language_name"])
    link = f'<a class="switch" href="?lang={other}" lang="{other}" hreflang="{other}">{name}</a>'
    return _fill(
        "page.html",
        said,
        language=language,
        title=html.escape(title),
        style=_style(),
        switch=link if switch else "",
        body=body,
    )


def _fill(file: str, said: Texts, **values: str) -> str:
    """Return a template with `{{key}}` from the texts, or from `values`, which are HTML."""
    template = resources.files("server.phone").joinpath("pages", file).read_text(encoding="utf-8")

    def value(match: re.Match[str]) -> str:
        key = match[1]
        return values[key] if key in values else _(said, key)

    return _KEY.sub(value, template)


def _levels(said: Texts, name: str, *, required: bool) -> str:
    mark = " required" if required else ""
    return "".join(
        f'<label class="level level-{level}">'
        f'<input type="radio" name="{name}" value="{level}"{mark}>'
        f'<span class="face" aria-hidden="true"></span>'
        f"<span>{_(said, f'score.{level}')}</span></label>"
        for level in _LEVELS
    )


def _reasons(said: Texts) -> str:
    return "".join(
        f'<label class="reason"><input type="checkbox" name="reason" value="{reason}">'
        f"<span>{_(said, f'reason.{reason}')}</span></label>"
        for reason in RatingReason
    )


def _questions(said: Texts, language: Language, asked: QuestionSet | None) -> str:
    if asked is None:
        return ""
    fields = "".join(
        f'<fieldset class="question"><legend>{html.escape(one.texts[language])}</legend>'
        f'<select name="answer_{one.key}" aria-label="{html.escape(one.texts[language])}">'
        f"{_options(said)}</select></fieldset>"
        for one in asked.questions
    )
    hint = f'<p class="hint">{_(said, "form.optional")}</p>'
    return f"<h2>{_(said, 'form.questions')}</h2>{hint}{fields}"


def _options(said: Texts) -> str:
    levels: Iterable[str] = (
        f'<option value="{level}">{_(said, f"score.{level}")}</option>' for level in _LEVELS
    )
    return f'<option value="">{_(said, "form.no_answer")}</option>{"".join(levels)}'


def _(said: Texts, key: str) -> str:
    return html.escape(said[key])
