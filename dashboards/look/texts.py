"""What the screens say, in one language at a time, from `dashboards/texts`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

from dash import html
from dash.development.base_component import Component

from contract.readings import KpiDefinition, Place, Unit
from contract.texts import Language, texts

RATINGS = ("5", "4", "3", "2", "1")
"""The official five levels, best first."""
SENTIMENTS = ("positive", "neutral", "negative")
"""In the order in which a mix is drawn."""

_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=Language.VI)


def spoken() -> Language:
    """Return the language of the screen that is being made."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Make whatever is written while the block runs speak `language`."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language_named(said: str | None) -> Language | None:
    """Return the language of an address's or a cookie's word for it, None for any other word."""
    return Language(said) if said in set(Language) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """One text in both languages, of which a screen says `text`."""

    vi: str
    en: str

    @property
    def text(self) -> str:
        """The text in the language of the screen; in the other one where there is none."""
        first, second = (self.en, self.vi) if spoken() is Language.EN else (self.vi, self.en)
        return first or second


def say(key: str, **figures: object) -> Bilingual:
    """Return the text of `key` with its figures; KeyError where one is missing."""
    vi, en = (texts("dashboards", language) for language in (Language.VI, Language.EN))
    return Bilingual(vi=vi.format(key, **figures), en=en.format(key, **figures))


def tell(key: str, **figures: object) -> str:
    """Return the text of `key` in the screen's language; KeyError where a figure is missing."""
    return texts("dashboards", spoken()).format(key, **figures)


def say_if_known(key: str, otherwise: str) -> Bilingual:
    """Return the text of a key that comes from outside, else `otherwise` as it came."""
    vi, en = (texts("dashboards", language) for language in (Language.VI, Language.EN))
    return Bilingual(vi=vi.get(key, otherwise), en=en.get(key, otherwise))


def name_of(named: KpiDefinition | Place | Unit) -> Bilingual:
    """Return the name of a KPI, a place or a unit."""
    return Bilingual(vi=named.name_vi, en=named.name_en)


def description_of(definition: KpiDefinition) -> Bilingual:
    """Return what a KPI means."""
    return Bilingual(vi=definition.description_vi, en=definition.description_en)


def spans(text: Bilingual) -> list[Component]:
    """Return the text in the language of the screen."""
    return [html.Span(text.text)]


def for_scripts(language: Language) -> Mapping[str, str]:
    """Return the texts that scripts write themselves: those of ages and of lost connections."""
    known = texts("dashboards", language)
    found = {
        f"{table}.{name}": text for table in _SCRIPTS for name, text in known.below(table).items()
    }
    return MappingProxyType(found)


_SCRIPTS = ("age", "link")
"""Tables whose keys stand in scripts; `.below("age")` and `.below("link")` name them in Python."""
