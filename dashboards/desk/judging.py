"""Which version of a scheme judges a period, and what is entered by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dashboards.api.classes import Criterion, Scheme
from dashboards.desk.period_choices import end_of
from dashboards.look.texts import Bilingual

OFFICIAL = "qd766-2022"
"""The scheme by which the state itself scores units."""


def version_for(schemes: Sequence[Scheme], id_: str, period: str) -> Scheme | None:
    """Return the version that holds on the last day of a period, else the newest; None for no id.

    `schemes` come by id and first day. Whether a version holds in all of a period, the API says.
    """
    versions = [each for each in schemes if each.id == id_]
    try:
        last = end_of(period) - timedelta(days=1)
    except ValueError:
        return versions[-1] if versions else None
    held = [
        each
        for each in versions
        if (each.valid_from is None or each.valid_from <= last)
        and (each.valid_to is None or last < each.valid_to)
    ]
    return next(iter(held or versions[-1:]), None)


def unit_schemes(schemes: Sequence[Scheme], period: str) -> list[Scheme]:
    """Return one version of each scheme of units: that of the period."""
    names = dict.fromkeys(each.id for each in schemes if each.level == "unit")
    found = (version_for(schemes, name, period) for name in names)
    return [each for each in found if each is not None]


def terms_of(criterion: Criterion) -> list[tuple[str, str]]:
    """Return what may be entered for a criterion, each with its name; of one alone its own."""
    names = [Bilingual(vi=each.vi, en=each.en).text for each in criterion.term_names]
    if len(criterion.terms) == 1 or len(names) != len(criterion.terms):
        names = [Bilingual(vi=criterion.name.vi, en=criterion.name.en).text] * len(criterion.terms)
    return list(zip(criterion.terms, names, strict=True))
