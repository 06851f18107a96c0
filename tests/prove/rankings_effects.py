"""Where units truly differ, their 90 % ranges of ranks hold the true ranks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from server.rankings.tables import rank_members
from tests.prove.drawn_cells import Truth, draw_cells, sizes
from tests.prove.proofs import STATISTICS, Proof
from tests.prove.shares import written

UNITS = 33
EFFECT_SD = 0.15
LEAST, MOST = 0.86, 0.94


def measure(scale: int, seed: int, folder: Path) -> Mapping[str, str]:
    """Draw `scale` tables of units with effects and mixes, and count ranges with the true rank."""
    held = np.zeros(scale)
    width = []
    for number in range(scale):
        random = np.random.default_rng([seed, number])
        effects = random.normal(0, EFFECT_SD, UNITS)
        truth = Truth(effects=effects, n=sizes(UNITS, random), mixed=True)
        rows = rank_members(draw_cells(truth, random), seed=number).rows
        true = np.argsort(np.argsort(-effects)) + 1
        ranks = [row.rank for row in rows]
        assert all(ranks)
        held[number] = np.mean(
            [rank.low <= at <= rank.high for rank, at in zip(ranks, true, strict=True)]
        )
        width += [rank.high - rank.low + 1 for rank in ranks]
    mean, error = held.mean(), held.std() / np.sqrt(scale)
    # A small scale may miss the bounds by chance.
    assert LEAST - 3.3 * error <= mean <= MOST + 3.3 * error, f"ranges hold {mean:.1%}"
    return {
        "tables, units in each": f"{scale}, {UNITS}",
        "ranges that hold the true rank (aim: 86 to 94 %)": (
            f"{mean:.1%} ({mean - 1.96 * error:.1%} to {mean + 1.96 * error:.1%})"
        ),
        "all ranges": written(round(held.sum() * UNITS), scale * UNITS),
        "median width of a range": f"{np.median(width):.0f} ranks",
    }


PROOF = Proof(
    claim=(
        "Effects of units drawn from a normal distribution (0.15 on the latent scale of opinions, "
        "some 3 points of satisfaction), mixes of work that differ, 100 to 5,000 ratings each."
    ),
    sources=("server/rankings/tables.py", "tests/prove/rankings_effects.py"),
    measure=measure,
    small=20,
    full=400,
    page=STATISTICS,
)
