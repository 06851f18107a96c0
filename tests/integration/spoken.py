"""What a page says, word by word: which of it is no text of the page's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from playwright.sync_api import Page

from contract.texts import Language, texts
from server.kpi.catalogue import CATALOGUE

SAID = """() => {
  const said = [], seen = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (seen.nextNode()) {
    const parent = seen.currentNode.parentElement, text = seen.currentNode.textContent.trim();
    const silent = "script, style, #texts, [lang]:not(html), textarea";
    if (text && parent.checkVisibility() && !parent.closest(silent)) said.push(text);
  }
  for (const node of document.body.querySelectorAll("[aria-label], [placeholder], [title]")) {
    if (!node.checkVisibility() || node.closest("[lang]:not(html)")) continue;
    for (const name of ["aria-label", "placeholder", "title"]) {
      const text = (node.getAttribute(name) || "").trim();
      if (text) said.push(text);
    }
  }
  return [...new Set(said)];
}"""
"""Texts and labels of a page, but for those that say themselves in which language they are."""

_OTHER = {Language.VI: Language.EN, Language.EN: Language.VI}
_LEAST_TEMPLATE = 6
"""A template with fewer letters than these says nothing of its language."""
_KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def said_by(page: Page) -> list[str]:
    """Return every text and label of the page, once."""
    found: list[str] = page.evaluate(SAID)
    return found


def strange(said: Iterable[str], language: Language) -> list[str]:
    """Return what is a key of a text, or a text of the other language alone."""
    plain, templates = _known(_OTHER[language])
    own, own_templates = _known(language)
    keys = _keys()
    return [
        each
        for each in said
        if each in keys
        or (each in plain and each not in own)
        or (
            each not in own
            and any(template.fullmatch(each) for template in templates)
            and not any(template.fullmatch(each) for template in own_templates)
        )
    ]


def is_failure(said: str, language: Language) -> bool:
    """Return whether a page says with this that it has no figures."""
    known = texts("dashboards", language)
    keys = ("refused", "no_answer", "other_version", "computing")
    return any(_template(known[f"desk.{key}"]).fullmatch(said) for key in keys)


@cache
def _known(language: Language) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return the texts of a language, and those with figures as patterns."""
    known = texts("dashboards", language)
    told = [known[key] for key in known]
    told += [
        each.definition.name_en if language is Language.EN else each.definition.name_vi
        for each in CATALOGUE
    ]
    plain = frozenset(each for each in told if "{" not in each)
    patterns = [each for each in told if "{" in each]
    long = [each for each in patterns if len(_letters(each)) >= _LEAST_TEMPLATE]
    return plain, tuple(_template(each) for each in long)


def _letters(template: str) -> str:
    return "".join(filter(str.isalpha, re.sub(r"\{[^{}]*\}", "", template)))


@cache
def _template(said: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{.*?\\\}", ".*", re.escape(said)), re.DOTALL)


@cache
def _keys() -> frozenset[str]:
    return frozenset(key for key in texts("dashboards", Language.VI) if _KEY.fullmatch(key))
