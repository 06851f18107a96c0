"""Draws the log of a training run as curves, one SVG file a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

_COUNTS = frozenset({"false"})


def write_curves(out: Path) -> list[Path]:
    """Write curves.svg beside each log.jsonl under `out`; return the files."""
    mpl.rcParams["svg.hashsalt"] = "motcua"  # the same log gives the same file
    return [_draw(log, str(log.parent.relative_to(out))) for log in sorted(out.rglob("log.jsonl"))]


def _draw(log: Path, title: str) -> Path:
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    path = log.with_name("curves.svg")
    curves_of(rows, title).savefig(path, metadata={"Date": None})
    return path


def curves_of(rows: Sequence[Mapping[str, float]], title: str) -> Figure:
    """Return the losses, the shares (accuracy, recalls) and, where there are any, the counts."""
    names = [name for name in rows[0] if name not in {"epoch", "seconds"}]
    losses = [name for name in names if "loss" in name]
    counts = [name for name in names if name in _COUNTS]
    shares = [name for name in names if name not in {*losses, *counts}]
    panels = [(f"{title}: loss", losses), ("on people who were not trained on", shares)]
    panels += [("false cells a scene", counts)] if counts else []
    figure = Figure(figsize=(5.5 * len(panels), 4.2), layout="constrained")
    for number, (heading, shown) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), number, title=heading, xlabel="epoch")
        for name in shown:
            epochs = [row["epoch"] + 1 for row in rows]
            axes.plot(epochs, [row[name] for row in rows], label=name.replace("_", " "))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    return figure
