"""What the screens say: each text in Vietnamese with its English, from `dashboards/texts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition
from contract.texts import Language, texts

RATINGS = ("5", "4", "3", "2", "1")
"""The official five levels, best first."""
SENTIMENTS = ("positive", "neutral", "negative")
"""In the order in which a mix is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """One text in both languages."""

    vi: str
    en: str


def say(key: str, **figures: object) -> Bilingual:
    """Return the text of `key` with its figures; KeyError where one is missing."""
    vi, en = (texts("dashboards", language) for language in (Language.VI, Language.EN))
    return Bilingual(vi=vi.format(key, **figures), en=en.format(key, **figures))


def say_if_known(key: str, otherwise: str) -> Bilingual:
    """Return the text of a key that comes from outside, else `otherwise` as it came."""
    vi, en = (texts("dashboards", language) for language in (Language.VI, Language.EN))
    return Bilingual(vi=vi.get(key, otherwise), en=en.get(key, ""))


def name_of(definition: KpiDefinition) -> Bilingual:
    """Return a KPI's name."""
    return Bilingual(vi=definition.name_vi, en=definition.name_en)


def spans(text: Bilingual) -> list[Component]:
    """Return the Vietnamese text and, softer, the English one."""
    return [html.Span(text.vi, className="vi"), html.Span(text.en, className="en")]


def for_scripts() -> Mapping[str, str]:
    """Return the texts that scripts write themselves: those of ages and of the cut-off band."""
    vi = texts("dashboards", Language.VI)
    ages = {f"age.{name}": text for name, text in vi.below("age").items()}
    links = {f"link.{name}": text for name, text in vi.below("link").items()}
    return MappingProxyType(ages | links)
