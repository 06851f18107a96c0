"""Three units that are ten points below their otherwise equal peers are found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from server.rankings.casemix import standardise
from server.rankings.flags import flag
from tests.prove.drawn_cells import Truth, draw_cells
from tests.prove.proofs import STATISTICS, Proof
from tests.prove.shares import require_at_least, require_at_most, written

UNITS, BELOW, N = 33, 3, 300
SHARE, LOWER = 0.88, 0.78


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Draw `scale` tables with three units below and count how many of them are flagged."""
    found = others = 0
    effects = np.zeros(UNITS)
    effects[:BELOW] = ndtri(LOWER) - ndtri(SHARE)
    for number in range(scale):
        random = np.random.default_rng([seed, number])
        truth = Truth(effects=effects, n=np.full(UNITS, N), share=SHARE)
        flags = flag(standardise(draw_cells(truth, random)))
        found += int(flags[:BELOW].sum())
        others += bool(flags[BELOW:].any())
    require_at_least(found, BELOW * scale, 0.9, "units below that are found")
    require_at_most(others, scale, 0.05, "tables that flag one of the equal peers")
    return {
        "tables, units in each, ratings of each": f"{scale}, {UNITS}, {N}",
        "units 10 points below that are flagged (aim: at least 90 %)": written(
            found, BELOW * scale
        ),
        "tables that flag one of the equal peers": written(others, scale),
    }


PROOF = Proof(
    claim="30 units with a true share of 88 % and three with 78 %, 300 ratings each.",
    sources=(
        "server/rankings/casemix.py",
        "server/rankings/flags.py",
        "tests/prove/rankings_below.py",
    ),
    measure=measure,
    small=40,
    full=1_000,
    page=STATISTICS,
)
