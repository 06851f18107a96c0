"""`motcua edge bench`: what each stage of the pipeline costs on this device."""

from __future__ import annotations

import itertools
import platform
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import click
import msgspec

from edge.analytics.budget import WIDTHS_PX, Choice, MeasuredCosts, choose
from edge.analytics.pictures import PictureCheck
from edge.assembly import Assembly, assemble
from edge.capture.masks import MaskPainter
from edge.capture.sources import BUNDLED, EPOCH, open_images, open_replay
from edge.health import read_temperature_c
from edge.scene import Frame
from edge.settings import EdgeSettings, read_settings
from edge.vision.stages import Stage, StageClock
from edge.vision.viewpoint import Viewpoint
from runtime.stream_urls import without_secrets

_WARM_UP_FRAMES = 10
_MS_PER_S = 1000.0
_KIB_PER_MIB = 1024.0
_DETECTION = (Stage.RESIZE, Stage.DETECT, Stage.BOXES, Stage.TRACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """One stage: how often it ran, how long a run took, what it adds to each frame."""

    stage: Stage
    runs: int
    ms_per_run: float
    ms_per_frame: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the pipeline costs, one stage after another in one thread.

    `other_ms` is what no stage accounts for: masks, zones, visits, messages.
    """

    machine: str
    source: str
    frame_px: tuple[int, int]
    frames: int
    detector: str
    expression_model: str
    stages: tuple[StageCost, ...]
    other_ms: float
    total_ms: float
    replay_over_model: float
    peak_memory_mib: float


@click.command("bench")
@click.argument("source", default=BUNDLED)
@click.option("--config", type=click.Path(path_type=Path), help="The device's edge.toml.")
@click.option("--models", type=click.Path(path_type=Path), help="A folder of model weights.")
@click.option("--detector", help="A detector's name, instead of the setting's.")
@click.option("--frames", type=click.IntRange(min=1), default=200, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--budget", is_flag=True, help="Choose how often and at which width to detect.")
@click.option(
    "--slowness",
    type=click.FloatRange(min=0.01),
    default=1.0,
    show_default=True,
    help="With --budget: how many times slower than this one the device is that is meant.",
)
def command(
    source: str,
    config: Path | None,
    models: Path | None,
    detector: str | None,
    frames: int,
    as_json: bool,
    budget: bool,
    slowness: float,
) -> None:
    """Measure the milliseconds of each stage on SOURCE: a recording, or the bundled scene."""
    settings = read_settings(config).with_detector(detector)
    if budget:
        choice = choose_for(settings, source, frames=frames, models=models, slowness=slowness)
        click.echo(msgspec.json.encode(choice).decode() if as_json else _choice(choice))
        return
    costs = measure(settings, source, frames=frames, models=models)
    click.echo(msgspec.json.encode(costs).decode() if as_json else _table(costs))


def measure(
    settings: EdgeSettings, source: str, *, frames: int, models: Path | None = None
) -> Costs:
    """Return the costs of `frames` frames of `source`, after a few that warm the caches up.

    Raises an EdgeError where models or recording cannot be had.
    """
    assembly = assemble(settings, models=models)
    stream = _endless(source, settings, assembly.stages)
    _run(assembly, stream, _WARM_UP_FRAMES)
    assembly.stages.reset()
    began_s = perf_counter()
    size_px = _run(assembly, stream, frames)
    wall_s = perf_counter() - began_s
    return Costs(
        machine=f"{platform.machine()}, Python {platform.python_version()}, {sys.platform}",
        source=without_secrets(source),
        frame_px=size_px,
        frames=frames,
        detector=assembly.detector,
        expression_model=assembly.expression_model,
        stages=tuple(_cost(assembly.stages, stage, frames) for stage in Stage),
        other_ms=(wall_s - sum(map(assembly.stages.total_s, Stage))) * _MS_PER_S / frames,
        total_ms=wall_s * _MS_PER_S / frames,
        replay_over_model=replay_over_model(settings, source, frames=frames, models=models),
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MIB,
    )


def choose_for(
    settings: EdgeSettings,
    source: str,
    *,
    frames: int,
    models: Path | None = None,
    slowness: float = 1.0,
) -> Choice:
    """Return how a device, `slowness` times slower than this one, should detect on `source`.

    Raises an EdgeError where models or recording cannot be had.
    """
    temperature_c = read_temperature_c() if slowness == 1 else None
    costs = _measured_costs(settings, source, frames=frames, models=models)
    return choose(costs, fps=settings.camera.fps, temperature_c=temperature_c, slowness=slowness)


def _measured_costs(
    settings: EdgeSettings, source: str, *, frames: int, models: Path | None
) -> MeasuredCosts:
    """Measure detection at each width, and what is done with every frame and every second."""
    detect_ms: dict[int, float] = {}
    other_ms_per_s = 0.0
    for width_px in WIDTHS_PX:
        vision = settings.vision.model_copy(update={"input_width_px": width_px})
        assembly = assemble(settings.model_copy(update={"vision": vision}), models=models)
        stream = _endless(source, settings, StageClock())
        _run(assembly, stream, _WARM_UP_FRAMES)
        assembly.stages.reset()
        _run(assembly, stream, frames)
        costs = {stage: _cost(assembly.stages, stage, frames) for stage in Stage}
        detect_ms[width_px] = sum(costs[stage].ms_per_frame for stage in _DETECTION)
        other_ms_per_s = (
            costs[Stage.PEOPLE].ms_per_run * settings.vision.people_per_s
            + (costs[Stage.EXPRESSION].ms_per_frame + costs[Stage.CROP].ms_per_frame)
            * settings.camera.fps
        )
    return MeasuredCosts(
        frame_ms=_frame_ms(settings, source, frames),
        detect_ms=detect_ms,
        other_ms_per_s=other_ms_per_s,
    )


def _frame_ms(settings: EdgeSettings, source: str, frames: int) -> float:
    """Return the milliseconds of the checks that each picture goes through."""
    pictures, viewpoint = PictureCheck(), Viewpoint()
    taken = list(itertools.islice(_endless(source, settings, StageClock()), min(frames, 60)))
    began_s = perf_counter()
    for frame in taken:
        pictures.update(frame.image, frame.captured_at)
        viewpoint.has_moved(frame.image, frame.captured_at)
    return (perf_counter() - began_s) * _MS_PER_S / len(taken)


def _choice(choice: Choice) -> str:
    fits = "fits" if choice.fits else "does not fit: lower [camera] fps"
    return "\n".join(
        (
            "[vision]",
            f"input_width_px = {choice.input_width_px}",
            f"detect_every = {choice.detect_every}",
            f"# {choice.detections_per_s:.1f} detections a second at {choice.fps:g} frames/s take "
            f"{choice.load_ms:.0f} of {choice.budget_ms:.0f} ms: {fits}",
        )
    )


def replay_over_model(
    settings: EdgeSettings, source: str, *, frames: int, models: Path | None = None
) -> float:
    """Return the time of a replay over the time inside its models, on the first `frames` frames.

    Frames are decoded ahead in a thread, as in use. 1.0 would be a pipeline that costs nothing.
    """
    assembly = assemble(settings, models=models)
    began_s = perf_counter()
    masks = settings.views()[0].mask_zones()
    with open_replay([source], fps=settings.camera.fps, masks=masks) as stream:
        _run(assembly, stream, frames)
    return (perf_counter() - began_s) / assembly.stages.model_s


def _run(assembly: Assembly, stream: Iterator[Frame], frames: int) -> tuple[int, int]:
    """Take so many frames, or all there are, through the pipeline; return the last one's size."""
    size_px = (0, 0)
    for frame in itertools.islice(stream, frames):
        assembly.pipeline.step(frame)
        size_px = (frame.image.shape[1], frame.image.shape[0])
    return size_px


def _endless(source: str, settings: EdgeSettings, clock: StageClock) -> Iterator[Frame]:
    """Yield the source's frames again and again; making one counts as decoding."""
    painter = MaskPainter(settings.views()[0].mask_zones())
    source_images = open_images([source], fps=settings.camera.fps, loop=True)
    for index in itertools.count():
        with clock.measure(Stage.DECODE):
            timed = next(source_images)
        at = EPOCH + timedelta(seconds=timed.at_s)
        yield Frame(image=painter.paint(timed.image), captured_at=at, index=index)


def _cost(clock: StageClock, stage: Stage, frames: int) -> StageCost:
    total_ms = clock.total_s(stage) * _MS_PER_S
    runs = clock.runs(stage)
    return StageCost(
        stage=stage, runs=runs, ms_per_run=total_ms / max(1, runs), ms_per_frame=total_ms / frames
    )


def _table(costs: Costs) -> str:
    width_px, height_px = costs.frame_px
    expression = costs.expression_model or "no expression model"
    head = (
        f"{costs.source}, {width_px} x {height_px}, {costs.frames} frames",
        f"{costs.detector}, {expression}; {costs.machine}",
        f"{'stage':12}{'runs':>7}{'ms/run':>10}{'ms/frame':>10}",
    )
    rows = (
        f"{cost.stage:12}{cost.runs:7}{cost.ms_per_run:10.2f}{cost.ms_per_frame:10.2f}"
        for cost in costs.stages
    )
    foot = (
        f"{'other':29}{costs.other_ms:10.2f}",
        f"{'total':29}{costs.total_ms:10.2f}   {_MS_PER_S / costs.total_ms:.0f} frames/s",
        f"replay, decoding beside / models alone: {costs.replay_over_model:.2f}",
        f"peak memory: {costs.peak_memory_mib:.0f} MiB",
    )
    return "\n".join(itertools.chain(head, rows, foot))
