"""Draws the log of a training run as curves, one SVG file a run."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure


def write_curves(out: Path) -> list[Path]:
    """Write curves.svg beside each log.jsonl under `out`; return the files."""
    mpl.rcParams["svg.hashsalt"] = "motcua"  # the same log gives the same file
    return [_draw(log, str(log.parent.relative_to(out))) for log in sorted(out.rglob("log.jsonl"))]


def _draw(log: Path, title: str) -> Path:
    """Draw the losses at the left, the shares (accuracy, recalls) at the right."""
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    epochs = [row["epoch"] + 1 for row in rows]
    names = [name for name in rows[0] if name not in {"epoch", "seconds"}]
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    losses, shares = figure.subplots(1, 2)
    for name in names:
        axes = losses if "loss" in name else shares
        axes.plot(epochs, [row[name] for row in rows], label=name.replace("_", " "))
    losses.set_title(f"{title}: loss")
    shares.set_title("on people who were not trained on")
    for axes in (losses, shares):
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    path = log.with_name("curves.svg")
    figure.savefig(path, metadata={"Date": None})
    return path
