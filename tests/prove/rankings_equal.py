"""Where all units are equal, hardly a table flags anyone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from server.rankings.casemix import standardise
from server.rankings.flags import flag
from tests.prove.drawn_cells import Truth, draw_cells, sizes
from tests.prove.proofs import STATISTICS, Proof
from tests.prove.shares import require_at_most, written

UNITS = 33


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Draw `scale` tables of equal units with the same work and count those that flag anyone."""
    flagged = 0
    for number in range(scale):
        random = np.random.default_rng([seed, number])
        truth = Truth(effects=np.zeros(UNITS), n=sizes(UNITS, random))
        flagged += bool(flag(standardise(draw_cells(truth, random))).any())
    require_at_most(flagged, scale, 0.05, "tables of equal units that flag anyone")
    return {
        "tables, units in each": f"{scale}, {UNITS}",
        "tables that flag anyone (aim: at most 5 %)": written(flagged, scale),
    }


PROOF = Proof(
    claim="All units equal, the same mix of work, 100 to 5,000 ratings each.",
    sources=(
        "server/rankings/casemix.py",
        "server/rankings/flags.py",
        "tests/prove/rankings_equal.py",
    ),
    measure=measure,
    small=40,
    full=1_000,
    page=STATISTICS,
)
