"""`motcua models evaluate` and `motcua models bench`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from contract.manifest import ModelTask
from edge.vision.registry import AUTO, ModelRegistry, open_registry
from models.lab.evaluation.errors import ModelUnfit
from models.lab.splits import Part

_THREADS, _ROUNDS = (1, 2), 30
_PEERS = ("peer_faceapi", "yunet-n", "yolox-nano")
_PROGRESS = 500
_ALL = "all"

_PEER_HELP = "Whom a ratio is taken to, one for each task, measured too; may be repeated."

_path = click.Path(path_type=Path)
_counts = click.IntRange(1, 64)
_parts = click.Choice([_ALL, *(part.value for part in Part)])
_splits = click.Choice(["train", "public", "private"])
_models = click.option("--models", type=_path, help="A folder of weights.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_save = click.option("--save", type=_path, help="Keep the figures in this JSON file, too.")


@click.command("evaluate")
@click.option("--images", type=_path, help="A folder of labelled pictures.")
@click.option("--labels", type=_path, help="CSV: file, label, person; looked for in --images, too.")
@click.option("--faces", type=_path, help="CSV: file, x, y, w, h, landmarks; else searched.")
@click.option("--cropped", is_flag=True, help="The pictures are face squares already.")
@click.option("--part", type=_parts, default=_ALL, show_default=True, help="Only these people.")
@click.option("--detector", default=AUTO, show_default=True, help="What searches faces.")
@click.option("--fer2013", type=_path, help="The FER2013 benchmark as an NPZ file.")
@click.option("--split", type=_splits, show_default="public", help="Which split of FER2013.")
@click.option("--model", multiple=True, help="May be repeated; else every usable expression model.")
@click.option(
    "--without-faces", type=_path, multiple=True, help="Recordings or folders; repeatable."
)
@click.option("--threads", default=1, show_default=True, type=_counts)
@_models
@_json
@_save
def evaluate(
    *,
    threads: int,
    models: Path | None,
    as_json: bool,
    save: Path | None,
    **options: Any,  # noqa: ANN401
) -> None:
    """Measure how well models read expressions or find faces, side by side on labelled pictures.

    The first --model is compared with each of the others. Face detectors are judged by --images and
    --faces, and by false faces in --without-faces. No model of ours was trained on the people of
    --part validation. Pictures that cannot be used are listed, and the others evaluated.
    """
    from models.lab.evaluation import printing, requests, results
    from models.lab.evaluation.fer2013 import Split
    from models.lab.evaluation.options import EvaluationRequest

    with printing.rejected_shown(as_json=as_json):
        registry = _registry(models)
        options["model"] = requests.resolve(registry, options["model"])
        options["part"] = None if options["part"] == _ALL else Part(options["part"])
        options["split"] = Split(options["split"]) if options["split"] else None
        request = EvaluationRequest(**options)
        if save is not None:
            reads = requests.task_asked(request, registry) is ModelTask.EXPRESSION
            kind = results.Kind.EXPRESSIONS if reads else results.Kind.FACES
            results.require_target(save, kind)
        evaluator = requests.Evaluator(
            registry=registry, threads=threads, progress=progress(), leave_out=_leave_out
        )
        printing.show(evaluator.evaluate(request), as_json=as_json, save=save)


@click.command("bench")
@click.option("--model", "names", multiple=True, help="May be repeated; otherwise all usable ones.")
@click.option("--peer", "peers", multiple=True, show_default=", ".join(_PEERS), help=_PEER_HELP)
@click.option("--threads", multiple=True, default=_THREADS, show_default=True, type=_counts)
@click.option("--rounds", default=_ROUNDS, show_default=True, type=click.IntRange(1, 10_000))
@_models
@_json
@_save
def bench(
    names: tuple[str, ...],
    peers: tuple[str, ...],
    threads: tuple[int, ...],
    rounds: int,
    models: Path | None,
    as_json: bool,
    save: Path | None,
) -> None:
    """Measure milliseconds per face or frame of every usable model, in turn on this machine."""
    from models.lab.evaluation import printing, results, timing
    from models.lab.evaluation.entries import task_of
    from models.lab.evaluation.options import command_of
    from models.lab.evaluation.requests import resolve, usable

    registry = _registry(models)
    if save is not None:
        results.require_target(save, results.Kind.BENCH)
    beside, measured = resolve(registry, peers), resolve(registry, names)
    if measured and not beside:
        tasks = {task_of(registry, name) for name in measured}
        beside = usable(registry, tasks, _leave_out, among=_PEERS)
    measured = measured or usable(registry, tuple(ModelTask), _leave_out)
    if not measured:
        raise ModelUnfit("no weights were found; name their folder with --models")
    given: dict[str, object] = {"--model": names, "--peer": peers}
    given |= {"--threads": threads} if threads != _THREADS else {}
    given |= {"--rounds": rounds} if rounds != _ROUNDS else {}
    report = timing.bench(
        registry,
        tuple(dict.fromkeys((*measured, *beside))),
        peers=beside or _PEERS,
        threads=threads,
        rounds=rounds,
        command=command_of("motcua models bench", given),
    )
    printing.show(results.Results(bench=report), as_json=as_json, save=save)


def progress() -> Callable[[int], None]:
    """Return what shows how many faces are done, each time that some hundreds more are.

    They are done in batches: no call need tell a round number.
    """
    shown = 0

    def show(done: int) -> None:
        nonlocal shown
        if done // _PROGRESS > shown // _PROGRESS:
            click.echo(f"{done} faces", err=True)
            shown = done

    return show


def _registry(folder: Path | None) -> ModelRegistry:
    """Return the registry; raise DataMissing where the folder that a person named is none."""
    from models.lab.evaluation.folder import require_folder

    if folder is not None:
        require_folder(folder, "the folder of models ")
    return open_registry(folder)


def _leave_out(problem: str) -> None:
    click.echo(f"left out: {problem}", err=True)
