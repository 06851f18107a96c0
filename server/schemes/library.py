"""Loads the schemes that the product brings and those of the province's own folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.readings import Guard, Measure, Timing
from server.errors import NotFound, NotScored, SchemeInvalid
from server.facts.sources import Dimension
from server.kpi.catalogue import CATALOGUE
from server.periods import Period
from server.schemes.files import Kpis, KpiTraits, in_order, parse_scheme
from server.schemes.schemes import Scheme


class SchemeSettings(BaseSettings):
    """Read from the environment as MOTCUA_SCHEMES_FOLDER."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_SCHEMES_", frozen=True, extra="ignore")

    folder: Path | None = Field(
        default=None,
        description="A folder of further schemes, one TOML file a version; a file named as one "
        "that is shipped stands in its place.",
    )


Schemes = tuple[Scheme, ...]
SchemeFiles = Mapping[tuple[str, int], str]
"""The texts of files by the id and the version of their schemes."""


def load_schemes(settings: SchemeSettings) -> Schemes:
    """Return every version of every scheme, by id and validity; raise SchemeInvalid."""
    return in_order([(file, parse(text, file)) for file, text in _texts(settings).items()])


def load_files(settings: SchemeSettings) -> SchemeFiles:
    """Return the file of every version; raise SchemeInvalid."""
    found = {}
    for file, text in _texts(settings).items():
        scheme = parse(text, file)
        found[scheme.id, scheme.version] = text
    return found


def _texts(settings: SchemeSettings) -> dict[str, str]:
    return dict(_shipped()) | dict(_own(settings.folder))


def parse(text: str, file: str) -> Scheme:
    """Return the scheme of a file's text, of which it may name any KPI; raise SchemeInvalid."""
    return parse_scheme(text, file, _kpis())


def with_added(schemes: Schemes, added: Sequence[Scheme]) -> Schemes:
    """Return the schemes with versions that were added, each of which ends the one before it.

    One that holds until further notice ends where an added version begins; raises SchemeInvalid
    where that leaves versions that overlap, days between them, or two of one number.
    """
    found = list(schemes)
    for scheme in sorted(added, key=lambda each: each.valid_from):
        found = [_ended(each, scheme) for each in found] + [scheme]
    return in_order([(f"{each.id} version {each.version}", each) for each in found])


def _ended(scheme: Scheme, by: Scheme) -> Scheme:
    before = scheme.id == by.id and scheme.valid_from < by.valid_from
    if before and scheme.valid_to is None:
        return replace(scheme, valid_to=by.valid_from)
    return scheme


def scheme_of(schemes: Schemes, id_: str, period: Period) -> Scheme:
    """Return the version of a scheme that scores all of `period`.

    Raises NotFound for an unknown scheme and NotScored for a period in which none holds, or two.
    """
    versions = [scheme for scheme in schemes if scheme.id == id_]
    if not versions:
        known = ", ".join(sorted({scheme.id for scheme in schemes}))
        raise NotFound(f"scheme {id_!r} is not known; choose one of {known}")
    if period.is_now or period.step not in versions[-1].periods:
        kinds = ", ".join(sorted(versions[-1].periods))
        raise NotScored(f"{id_} scores a whole {kinds}, not {str(period)!r}")
    found = next((scheme for scheme in versions if scheme.holds(period)), None)
    if found is None:
        spans = "; ".join(_span(scheme) for scheme in versions)
        raise NotScored(f"no version of {id_} holds in all of {period}: {spans}")
    if found.to_be_filled_in:
        raise NotScored(f"{id_} is a place to be filled in, and scores nobody: see docs/schemes.md")
    return found


def _span(scheme: Scheme) -> str:
    until = "" if scheme.valid_to is None else f" until before {scheme.valid_to}"
    return f"version {scheme.version} from {scheme.valid_from}{until}"


@cache
def _kpis() -> Kpis:
    """Return the KPIs that are told of periods; a score of this moment there is not."""
    return {
        kpi.id: KpiTraits(
            family=kpi.family,
            is_share=kpi.measure is Measure.SHARE,
            # Opinions of less than a unit come in groups, and name no officer.
            by_officer=Dimension.OFFICER in kpi.source.dimensions
            and kpi.guard is not Guard.OPINION,
        )
        for kpi in CATALOGUE
        if kpi.source.timing is Timing.PERIOD
    }


def _shipped() -> Iterator[tuple[str, str]]:
    folder = resources.files("server.schemes").joinpath("data")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            yield file.name, file.read_text(encoding="utf-8")


def _own(folder: Path | None) -> Iterator[tuple[str, str]]:
    if folder is None:
        return
    if not folder.is_dir():
        raise SchemeInvalid(f"MOTCUA_SCHEMES_FOLDER: {folder} is no folder")
    for file in sorted(folder.glob("*.toml")):
        try:
            yield file.name, file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SchemeInvalid(f"{file.name}: cannot be read: {error}") from error
