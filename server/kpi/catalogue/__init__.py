"""The KPI catalogue: each KPI once, as data, one module a family; all else derives from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from contract.readings import KpiDefinition
from server.kpi.catalogue import (
    complaints,
    dossiers,
    experience,
    expressions,
    fleet,
    quality,
    satisfaction,
    service,
    staff,
    waiting,
)
from server.kpi.definition import Kpi

CATALOGUE: tuple[Kpi[Any], ...] = (
    *satisfaction.KPIS,
    *waiting.KPIS,
    *service.KPIS,
    *dossiers.KPIS,
    *complaints.KPIS,
    *staff.KPIS,
    *experience.KPIS,
    *expressions.KPIS,
    *fleet.KPIS,
    *quality.KPIS,
)
"""Every KPI, in the order in which screens show them."""

LIVE: tuple[Kpi[Any], ...] = tuple(kpi for kpi in CATALOGUE if kpi.live)
"""Those that are kept current and sent with every change."""

BY_ID: Mapping[str, Kpi[Any]] = MappingProxyType({kpi.id: kpi for kpi in CATALOGUE})


@cache
def definitions() -> tuple[KpiDefinition, ...]:
    """Return the catalogue as clients see it."""
    return tuple(kpi.definition for kpi in CATALOGUE)
