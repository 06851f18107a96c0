"""How long models take on this machine, all in turn, so that whatever disturbs hits all alike."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter_ns

import cv2
import numpy as np
from numpy.typing import NDArray

from contract.manifest import ModelTask
from edge.scene import Box, Detection, Image
from edge.vision.registry import ModelRegistry
from models.lab.evaluation.entries import open_expression_model, open_face_model, task_of
from models.lab.evaluation.faces import usual_landmarks

FRAMES_PX = ((320, 256), (640, 480))
_FACE_PX = 112
# What /proc/cpuinfo calls the instructions that decide how fast float and int8 are.
_SPEEDS = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "VNNI", "avx_vnni": "VNNI",
           "asimddp": "dot product"}  # fmt: skip
_IN_A_ROW = 3
_WARM_UP = 3
_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One model's time for one piece of work; `ratio` is that to `peer` at the same work.

    `sha256` is the digest of the weights, "" where there is none.
    """

    model: str
    task: str
    work: str
    threads: int
    median_ms: float
    p95_ms: float
    peer: str
    ratio: float | None
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchReport:
    """How long models take on one machine."""

    command: str
    machine: str
    rounds: int
    timings: tuple[Timing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One model at one piece of work: `work` says which, for instance "face" or "640x480".

    `sha256` is the digest of its weights, "" where there is none.
    """

    model: str
    sha256: str
    task: ModelTask
    work: str
    run: Callable[[], object]


def bench(
    registry: ModelRegistry,
    names: Sequence[str],
    *,
    peers: Sequence[str] = (),
    threads: Sequence[int] = (1, 2),
    rounds: int = 30,
    command: str = "",
) -> BenchReport:
    """Return how long each model takes: median and 95th percentile of `rounds`, and ratios.

    A ratio is the median over the rounds of a model's time to that of the one in `peers` which
    does the same work. Raises ModelMissing, ModelInvalid or ModelUnfit.
    """
    timings: list[Timing] = []
    for count in threads:
        cases = [case for name in names for case in cases_of(registry, name, threads=count)]
        times = measure([case.run for case in cases], rounds=rounds)
        timings += timings_of(cases, times, peers, threads=count)
    return BenchReport(
        command=command, machine=describe_machine(), rounds=rounds, timings=tuple(timings)
    )


def cases_of(registry: ModelRegistry, name: str, *, threads: int) -> list[Case]:
    """Return the work that the model is measured at."""
    task = task_of(registry, name)
    works: dict[str, Callable[[], object]]
    if task is ModelTask.EXPRESSION:
        reader = open_expression_model(registry, name, threads=threads)
        frame, face = _frame(*FRAMES_PX[-1]), _face(*FRAMES_PX[-1])
        sha256 = reader.sha256
        works = {"face": lambda: reader.outputs([reader.crop(frame, face)])}
    else:
        finder = open_face_model(registry, name, threads=threads)
        sha256 = finder.sha256
        # A detector keeps room for frames of one size; so does the device.
        works = {f"{w}x{h}": partial(finder.detector.detect, _frame(w, h)) for w, h in FRAMES_PX}
    return [
        Case(model=name, sha256=sha256, task=task, work=work, run=run)
        for work, run in works.items()
    ]


def measure(runs: Sequence[Callable[[], object]], *, rounds: int) -> NDArray[np.float64]:
    """Return rounds x runs milliseconds.

    In each round every run has its turn, in an order that changes from round to round; a turn is
    the median of three in a row, so that it does not pay for what its forerunner left in caches.
    """
    times = np.empty((rounds, len(runs)))
    order = np.random.default_rng(0)
    for run in runs:
        for _ in range(_WARM_UP):
            run()
    for row in times:
        for index in order.permutation(len(runs)).tolist():
            row[index] = np.median([_time_ms(runs[index]) for _ in range(_IN_A_ROW)])
    return times


def describe_machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor, how many of its cores there are, and what it computes fast with."""
    cores = os.cpu_count() or 1
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    facts = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)
    }
    parts = [f"{cores} cores", platform.machine(), facts.get("model name", "")]
    able = set((facts.get("flags") or facts.get("Features") or "").split())
    parts += [name for flag, name in _SPEEDS.items() if flag in able]
    return ", ".join(part for part in parts if part)


def timings_of(
    cases: Sequence[Case], times: NDArray[np.float64], peers: Sequence[str], *, threads: int
) -> list[Timing]:
    """Return each case's median, 95th percentile and ratio to its peer; `times` rounds x cases."""
    beside = {
        (case.task, case.work): index for index, case in enumerate(cases) if case.model in peers
    }
    timings = []
    for index, case in enumerate(cases):
        peer = beside.get((case.task, case.work))
        ratio = None if peer is None else float(np.median(times[:, index] / times[:, peer]))
        timings.append(
            Timing(
                model=case.model,
                sha256=case.sha256,
                task=str(case.task),
                work=case.work,
                threads=threads,
                median_ms=round(float(np.median(times[:, index])), 4),
                p95_ms=round(float(np.quantile(times[:, index], 0.95)), 4),
                peer="" if peer is None else cases[peer].model,
                ratio=None if ratio is None else round(ratio, 4),
            )
        )
    return timings


def _time_ms(run: Callable[[], object]) -> float:
    started = perf_counter_ns()
    run()
    return (perf_counter_ns() - started) / _NS_PER_MS


def _frame(width_px: int, height_px: int) -> Image:
    """Return a blurred random picture, always the same: what it shows does not change the time."""
    grain = np.random.default_rng(0).integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(grain, (0, 0), 3), np.uint8)


def _face(width_px: int, height_px: int) -> Detection:
    left, top = (width_px - _FACE_PX) / 2, (height_px - _FACE_PX) / 2
    box = Box(left=left, top=top, right=left + _FACE_PX, bottom=top + _FACE_PX)
    return Detection(box=box, score=1.0, landmarks=usual_landmarks(box))
