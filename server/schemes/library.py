"""Loads the schemes that the product brings and those of the province's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.readings import Measure, Timing
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


def load_schemes(settings: SchemeSettings) -> Schemes:
    """Return every version of every scheme, by id and validity; raise SchemeInvalid."""
    texts = dict(_shipped()) | dict(_own(settings.folder))
    kpis = _kpis()
    return in_order([(file, parse_scheme(text, file, kpis)) for file, text in texts.items()])


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
            by_officer=Dimension.OFFICER in kpi.source.dimensions,
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
