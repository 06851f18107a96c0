"""Where each unit stands on the map of tiles: north above south, west before east. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

_ASPECT = 1.7
"""Width by height of the room for the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a unit is, in degrees of WGS 84."""

    latitude: float
    longitude: float


def columns_for(count: int) -> int:
    """Return how many tiles stand in a row: about as wide as high, with few places left empty."""
    square = max(1, ceil(sqrt(count * _ASPECT)))
    near = range(max(1, square - 1), square + 2)
    return min(near, key=lambda columns: (-count % columns, abs(columns - square)))


def arrange(scopes: Sequence[str], spots: Mapping[str, Spot]) -> tuple[str, ...]:
    """Return the scopes row by row as they stand on the map.

    Those whose place is known are cut into rows of equal length from north to south, each ordered
    from west to east, so that neighbours stay near one another; the others follow as they came.
    """
    placed = [scope for scope in scopes if scope in spots]
    others = [scope for scope in scopes if scope not in spots]
    columns = columns_for(len(scopes))
    from_north = sorted(placed, key=lambda scope: (-spots[scope].latitude, spots[scope].longitude))
    rows = [from_north[at : at + columns] for at in range(0, len(from_north), columns)]
    eastward = [sorted(row, key=lambda scope: spots[scope].longitude) for row in rows]
    return (*(scope for row in eastward for scope in row), *others)
