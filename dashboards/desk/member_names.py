"""What procedures and families of procedures are called, by their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboards.api.rest import RestClient
from dashboards.look.texts import Bilingual

LISTS: Mapping[str, str] = {"procedure": "/procedures", "family": "/families"}
"""Where the API tells the names of the members of a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A procedure or a family: the first has a code, the second an id."""

    name_vi: str
    name_en: str
    code: str = ""
    id: str = ""


async def member_names(api: RestClient, part: str) -> dict[str, str]:
    """Return the names by code; of a part whose members have none, nothing."""
    if part not in LISTS:
        return {}
    told = (await api.read(LISTS[part], tuple[_Named, ...])).value or ()
    names = {each.code or each.id: Bilingual(vi=each.name_vi, en=each.name_en) for each in told}
    return {code: name.text for code, name in names.items() if name.text}
