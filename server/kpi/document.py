"""Writes docs/kpis.md from the catalogue: `python -m server.kpi.document docs/`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from contract.readings import KpiDefinition
from server.facts.connections import ONLINE_FOR_S
from server.facts.expressions import ANONYMITY_FLOOR
from server.facts.histograms import RELATIVE_ERROR
from server.kpi.catalogue import definitions

FILE = "kpis.md"

_HEAD = f"""# KPIs

Generated from `server/kpi/catalogue/` and `server/texts/`; change those and run `make docs`.

Every reading carries its scope and period, its n, its definition's version, the time of the
newest observation behind it and, where there is one, a 95 % interval. A value below the minimum n
is withheld (`small_sample`), a value without any data is withheld (`no_data`), never shown as
zero; one whose data are too old is withheld (`stale`), but for `data_age`, which then says how
old. Days, and so weeks, months, quarters and years, are those of Viet Nam (UTC+7). A `subtree`
covers everything below its unit. A zero is shown only where someone looked in the period: its
time is that of the newest sign of life (ratings) or of a count (visits). A device is online for
{ONLINE_FOR_S:.0f} s after its newest observation, unless its session has ended. Quantiles come
from histograms whose relative error is at most {RELATIVE_ERROR:.0%}. No figure about expressions
rests on fewer than {ANONYMITY_FLOOR} people. What guards a KPI bounds its release
([disclosure.md](disclosure.md)); without a guard it is exact. KPIs that are answered on request
are read from raw rows or from every hour, and only where a question names them.
"""


def render(kpis: Sequence[KpiDefinition] | None = None) -> str:
    """Return the document for these definitions, else for the catalogue."""
    return "\n".join([_HEAD, *map(_section, definitions() if kpis is None else kpis)])


def _section(definition: KpiDefinition) -> str:
    fresh = "–" if definition.fresh_for_s is None else f"{definition.fresh_for_s:g} s"
    return f"""## {definition.name_vi} · {definition.name_en}

| id | version | family | measure | timing | source | minimum n | fresh for | better | guard \
| answered |
|---|---|---|---|---|---|---|---|---|---|---|
| `{definition.id}` | {definition.version} | {definition.family} | {definition.measure} \
| {definition.timing} | {definition.source} | {definition.minimum_n} | {fresh} \
| {definition.direction} | {definition.guard} \
| {"on request" if definition.on_request else "always"} |
{_formula(definition)}
{definition.description_vi}

{definition.description_en}
"""


def _formula(definition: KpiDefinition) -> str:
    """Return the line of the formula, with what it comes from; nothing where there is none."""
    if definition.formula is None:
        return ""
    reference = "" if definition.reference is None else f" ({definition.reference})"
    return f"\nFormula: {definition.formula}{reference}.\n"


def main(arguments: Sequence[str]) -> None:
    """Write the document into the folder named by the one argument."""
    (folder,) = arguments
    Path(folder, FILE).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
