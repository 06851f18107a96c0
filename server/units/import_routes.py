"""Units and counters over REST: batches in, and files that are tried first."""

from __future__ import annotations

from fastapi import APIRouter

from server.access.batches import add_batches
from server.access.rights import Right
from server.access.uploads import add_import
from server.units.imports import COUNTERS, UNITS

router = APIRouter(prefix="/api/v1", tags=["units"])

add_batches(router, "units", UNITS, right=Right.MANAGE_UNITS, told="Store units with their days")
add_import(
    router,
    "units",
    UNITS,
    right=Right.MANAGE_UNITS,
    told="Check or import a table of units and their mergers.",
)
add_batches(router, "counters", COUNTERS, right=Right.MANAGE_UNITS, told="Store counters of units")
add_import(
    router,
    "counters",
    COUNTERS,
    right=Right.MANAGE_UNITS,
    told="Check or import a table of counters.",
)
