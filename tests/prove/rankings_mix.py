"""Harder work alone moves nobody: equal units with different mixes are not flagged."""

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
    """Draw `scale` tables of equal units with mixes of their own."""
    flagged = 0
    crude, adjusted = [], []
    for number in range(scale):
        random = np.random.default_rng([seed, number])
        truth = Truth(effects=np.zeros(UNITS), n=4 * sizes(UNITS, random), mixed=True)
        table = standardise(draw_cells(truth, random))
        flagged += bool(flag(table).any())
        # Spread beyond that of chance: what the mix moves, before and after it is taken out.
        for shares, into in ((table.crude, crude), (table.adjusted, adjusted)):
            into.append(np.mean((shares - table.level) ** 2 - table.error_sd**2))
    before, after = np.mean(crude), np.mean(adjusted)
    left = after / before
    error = np.std(adjusted) / np.sqrt(scale) / before
    require_at_most(flagged, scale, 0.05, "tables that flag a unit for its mix")
    assert left <= 0.05 + 3.3 * error, f"{left:.1%} of the mix's variance is left"
    return {
        "tables, units in each": f"{scale}, {UNITS}",
        "tables that flag anyone (aim: at most 5 %)": written(flagged, scale),
        "standard deviation of crude shares by mix alone": f"{100 * np.sqrt(before):.2f} points",
        "part of its variance that is left once adjusted": (
            f"{left:.1%} ({left - 1.96 * error:.1%} to {left + 1.96 * error:.1%})"
        ),
    }


PROOF = Proof(
    claim=(
        "All units equal, but each with its own mix of families and arrivals of different "
        "difficulty, 400 to 20,000 ratings each. Difficulty acts on the latent scale, which the "
        "linear model does not know."
    ),
    sources=(
        "server/rankings/casemix.py",
        "server/rankings/flags.py",
        "tests/prove/rankings_mix.py",
    ),
    measure=measure,
    small=40,
    full=1_000,
    page=STATISTICS,
)
