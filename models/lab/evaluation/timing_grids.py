"""Tables of how long models take."""

from __future__ import annotations

from collections.abc import Iterator

from models.lab.evaluation.grids import NONE, Grid, number
from models.lab.evaluation.timing import BenchReport, Timing


def lines_of(report: BenchReport) -> Iterator[str]:
    """Yield what was measured, for people."""
    yield f"{report.machine}, {report.rounds} rounds"
    for grid in timing_grids(report):
        yield f"\n{grid.as_text()}"


def timing_grids(report: BenchReport) -> Iterator[Grid]:
    """Yield one table for each kind of work, a row for each model."""
    threads = tuple(dict.fromkeys(timing.threads for timing in report.timings))
    works = dict.fromkeys((timing.task, timing.work) for timing in report.timings)
    for task, work in works:
        chosen = [t for t in report.timings if (t.task, t.work) == (task, work)]
        peer = next((timing.peer for timing in chosen if timing.peer), "")
        heading = ["model"]
        for count in threads:
            plural = "thread" if count == 1 else "threads"
            heading += [f"ms, {count} {plural}", "p95"]
            heading += [f"to {peer}"] if peer else []
        rows = tuple(
            (model, *_cells(model, chosen, threads, has_peer=bool(peer)))
            for model in dict.fromkeys(timing.model for timing in chosen)
        )
        title = f"{task.replace('_', ' ').capitalize()}, per {_unit(work)}"
        yield Grid(title=title, heading=tuple(heading), rows=rows)


def _cells(
    model: str, timings: list[Timing], threads: tuple[int, ...], *, has_peer: bool
) -> list[str]:
    cells = []
    for count in threads:
        found = [t for t in timings if (t.model, t.threads) == (model, count)]
        cells += (
            [number(found[0].median_ms, 2), number(found[0].p95_ms, 2)] if found else [NONE] * 2
        )
        if has_peer:
            cells.append(number(found[0].ratio, 2) if found else NONE)
    return cells


def _unit(work: str) -> str:
    return work if work == "face" else f"frame of {work}"
