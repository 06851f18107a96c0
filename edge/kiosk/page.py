"""The kiosk's pages, with the room's texts in both languages, made once at start."""

from __future__ import annotations

import hashlib
import html
import re
from importlib import resources
from pathlib import Path

from contract.texts import Language, texts
from runtime.identity import Identity

STATIC_FOLDER = Path(str(resources.files("edge.kiosk").joinpath("static")))

_IDENTITY = "{{identity}}"
_KEY = re.compile(r"\{\{(?:(vi|en):)?([a-z0-9_.]+)\}\}")


def render_page(
    name: str = "page.html", package: str = "edge.kiosk", language: Language | None = None
) -> str:
    """Return the HTML of the page `name`; KeyError where it names a text that does not exist.

    `{{key}}` becomes the text in both languages, of which the page shows the chosen one larger,
    or with a `language` the bare text in it; `{{vi:key}}` and `{{en:key}}` become the bare text in
    one of them.
    """
    template = resources.files(package).joinpath(name).read_text(encoding="utf-8")

    def text(match: re.Match[str]) -> str:
        if language is not None and match[1] is None:
            return _escaped(language, match[2])
        return _text(match)

    return _KEY.sub(text, template.replace(_IDENTITY, _shown(Identity())))


def _shown(identity: Identity) -> str:
    """Return the province's emblem and name as they stand above the place."""
    emblem = '<img class="emblem" src="/emblem" alt="">' if identity.emblem is not None else ""
    names = "".join(
        f'<span class="province {each}" lang="{each}">'
        f"{html.escape(identity.named(english=each == 'en'))} · </span>"
        for each in Language
    )
    return emblem + names


def page_digest(*pages: str) -> str:
    """Return a digest of the pages and of all files that they load."""
    digest = hashlib.blake2b("".join(pages).encode(), digest_size=8)
    for file in sorted(file for file in STATIC_FOLDER.rglob("*") if file.is_file()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _text(match: re.Match[str]) -> str:
    language, key = match.groups()
    if language is not None:
        return _escaped(Language(language), key)
    return " ".join(
        f'<span class="{language}" lang="{language}">{_escaped(language, key)}</span>'
        for language in Language
    )


def _escaped(language: Language, key: str) -> str:
    return html.escape(texts("edge", language)[key], quote=False)
