"""A training run's folder: checkpoints to go on from, and a log with curves."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from models.lab.evaluation.errors import DataInvalid
from models.lab.training.fingerprint import fingerprint


class Stateful(Protocol):
    """What can be saved and set back: a net, an optimiser, a schedule."""

    def state_dict(self) -> Any:  # noqa: ANN401
        """Return everything to save."""

    def load_state_dict(self, state: Any, /) -> Any:  # noqa: ANN401
        """Set everything back."""


@dataclass(kw_only=True)
class Run:
    """One run: its folder holds `checkpoint.pt` and `log.jsonl`."""

    folder: Path
    seed: int

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._started = time.monotonic()
        self._fingerprint = ""
        torch.manual_seed(self.seed)

    @property
    def _log(self) -> Path:
        return self.folder / "log.jsonl"

    @property
    def checkpoint(self) -> Path:
        """The file that a restarted run goes on from."""
        return self.folder / "checkpoint.pt"

    def save(self, epoch: int, parts: Mapping[str, Stateful]) -> None:
        """Replace the checkpoint; a run killed meanwhile keeps the one before."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in parts.items()}
        state |= {"epoch": epoch, "torch_rng": torch.get_rng_state()}
        state["fingerprint"] = self._fingerprint
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def resume(self, parts: Mapping[str, Stateful], *causes: object) -> int:
        """Set the parts to what was saved last, if anything; return the epoch to start with.

        `causes` are what, beside the seed, decides how the run goes: settings, pictures, the
        weights that it begins with or is taught by. Raises DataInvalid where they were others in
        the run that was saved: its weights would stand for what they never saw.
        """
        self._fingerprint = fingerprint(self.seed, *causes)
        if not self.checkpoint.is_file():
            self._shorten_log(0)
            return 0
        state = torch.load(self.checkpoint, weights_only=False)
        if state.get("fingerprint") != self._fingerprint:
            raise DataInvalid(
                f"{self.folder} holds another run, whose pictures, settings, seed or first weights "
                f"differ: name another --out, or remove that folder"
            )
        torch.set_rng_state(state["torch_rng"])
        for name, part in parts.items():
            part.load_state_dict(state[name])
        first = int(state["epoch"]) + 1
        self._shorten_log(first)
        return first

    def log(self, epoch: int, **figures: float) -> None:
        """Append one line of an epoch's figures, with the seconds since this start.

        It comes before the epoch's `save`: `resume` takes back what was logged and not saved.
        """
        line = {"epoch": epoch} | {name: round(value, 5) for name, value in figures.items()}
        line["seconds"] = round(time.monotonic() - self._started, 1)
        with self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _shorten_log(self, first: int) -> None:
        """Leave in the log the epochs before `first`, one on each line; none, no log."""
        if not first:
            self._log.unlink(missing_ok=True)
        elif self._log.is_file():
            lines = self._log.read_text().splitlines(keepends=True)
            self._log.write_text("".join(lines[:first]))


def one_cycle(
    optimiser: torch.optim.Optimizer, highest: float, steps: int
) -> torch.optim.lr_scheduler.OneCycleLR:
    """Return the schedule that warms up for a tenth of the steps, then cools down (Smith 2018)."""
    warm = max(0.1, 2 / (steps + 1))  # a few steps even in the shortest trial
    return torch.optim.lr_scheduler.OneCycleLR(
        optimiser, highest, total_steps=steps + 1, pct_start=warm
    )


def random_source(seed: int, epoch: int, part: int = 0) -> np.random.Generator:
    """Return the source of one epoch's order, in one part of the training: as before a restart."""
    return np.random.default_rng((seed, epoch, part))


def average_into(average: torch.nn.Module, model: torch.nn.Module, step: int) -> None:
    """Move the exponential moving average of the weights towards `model`.

    The rate warms up, so that the average of a young run is not its random start.
    """
    rate = 1 - min(0.999, (step + 1) / (step + 10))
    with torch.no_grad():
        for mean, value in zip(
            average.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(value, rate)
            else:
                mean.copy_(value)


def reduced_precision() -> torch.autocast:
    """Compute in bfloat16 where the processor does: elsewhere it takes ten times as long."""
    able = torch.cpu.get_capabilities()
    enabled = any(able.get(name) for name in ("avx512_bf16", "amx_bf16", "arm_bf16"))
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled)
