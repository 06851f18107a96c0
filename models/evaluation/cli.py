"""`motcua models evaluate` and `motcua models bench`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from contract.manifest import ModelTask
from edge.errors import EdgeError
from edge.vision.registry import AUTO, ModelRegistry, open_registry
from models.evaluation.errors import EvaluationError, ModelUnfit
from models.splits import Part

_THREADS, _ROUNDS = (1, 2), 30
_PEERS = ("peer_faceapi", "yunet-n", "yolox-nano")
_PROGRESS = 500

_path = click.Path(path_type=Path)
_models = click.option("--models", type=_path, help="A folder of weights.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_save = click.option("--save", type=_path, help="Keep the figures in this JSON file, too.")


@click.command("evaluate")
@click.option("--images", type=_path, help="A folder of labelled pictures.")
@click.option("--labels", type=_path, help="CSV: file, label and, if known, person.")
@click.option(
    "--faces",
    type=_path,
    help="CSV: file, x, y, w, h, if known landmarks; else faces are searched.",
)
@click.option(
    "--cropped", "is_cropped", is_flag=True, help="The pictures are face squares already."
)
@click.option(
    "--part",
    type=click.Choice(["all", *(part.value for part in Part)]),
    default="all",
    show_default=True,
    help="Only these people: no model of ours was trained on those of validation.",
)
@click.option(
    "--detector", default=AUTO, show_default=True, help="What searches faces in --images."
)
@click.option("--fer2013", type=_path, help="The FER2013 benchmark as an NPZ file.")
@click.option(
    "--split",
    type=click.Choice(["train", "public", "private"]),
    default="public",
    show_default=True,
    help="Which split of FER2013.",
)
@click.option(
    "--model",
    "names",
    multiple=True,
    help="May be repeated; otherwise every usable expression model. The first is compared with "
    "each of the others. Face detectors are judged by --images and --faces.",
)
@click.option(
    "--without-faces",
    type=_path,
    multiple=True,
    help="A recording or folder of pictures without faces, for face detectors; may be repeated.",
)
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 64))
@_models
@_json
@_save
def evaluate(
    *,
    images: Path | None,
    labels: Path | None,
    faces: Path | None,
    is_cropped: bool,
    part: str,
    detector: str,
    fer2013: Path | None,
    split: str,
    names: tuple[str, ...],
    without_faces: tuple[Path, ...],
    threads: int,
    models: Path | None,
    as_json: bool,
    save: Path | None,
) -> None:
    """Measure how well models read expressions or find faces, side by side on labelled pictures.

    Pictures that cannot be used are listed, and the others evaluated.
    """
    from models.evaluation import requests, results
    from models.evaluation.fer2013 import Split
    from models.evaluation.folder import Choice
    from models.evaluation.printing import lines_of

    with _errors_for_people():
        registry = open_registry(models)
        request = requests.Request(
            models=requests.resolve(registry, names),
            fer2013=fer2013,
            split=Split(split),
            images=images,
            labels=labels,
            faces=faces,
            is_cropped=is_cropped,
            part=Choice(part),
            detector=detector,
            without_faces=without_faces,
            threads=threads,
        )
        found = requests.evaluate(request, registry, _progress, _leave_out)
        if save is not None:
            results.save_results(save, found)
    if as_json:
        click.echo(results.as_json(found.expressions or found.faces).decode())
        return
    for line in lines_of(found):
        click.echo(line)


@click.command("bench")
@click.option("--model", "names", multiple=True, help="May be repeated; otherwise all usable ones.")
@click.option(
    "--peer",
    "peers",
    multiple=True,
    show_default=", ".join(_PEERS),
    help="Whom a ratio is taken to, one for each task, measured too; may be repeated.",
)
@click.option(
    "--threads",
    multiple=True,
    default=_THREADS,
    show_default=True,
    type=click.IntRange(1, 64),
    help="May be repeated.",
)
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
    from models.evaluation import results, timing
    from models.evaluation.requests import resolve
    from models.evaluation.timing_grids import timing_grids

    with _errors_for_people():
        registry = open_registry(models)
        named_peers = resolve(registry, peers)
        measured = resolve(registry, names) or _every_usable(registry)
        report = timing.bench(
            registry,
            tuple(dict.fromkeys((*measured, *named_peers))),
            peers=named_peers or _PEERS,
            threads=threads,
            rounds=rounds,
            command=_bench_command(names, peers, threads, rounds),
        )
        if save is not None:
            results.save_results(save, results.Results(bench=report))
    if as_json:
        click.echo(results.as_json(report).decode())
        return
    click.echo(f"{report.machine}, {report.rounds} rounds")
    for grid in timing_grids(report):
        click.echo(f"\n{grid.as_text()}")


def _bench_command(
    names: Sequence[str], peers: Sequence[str], threads: Sequence[int], rounds: int
) -> str:
    words = ["motcua models bench"]
    words += [f"--model {name}" for name in names]
    words += [f"--peer {name}" for name in peers]
    words += [f"--threads {count}" for count in threads] if tuple(threads) != _THREADS else []
    words += [f"--rounds {rounds}"] if rounds != _ROUNDS else []
    return " ".join(words)


def _every_usable(registry: ModelRegistry) -> tuple[str, ...]:
    from models.evaluation.requests import usable

    names = tuple(name for task in ModelTask for name in usable(registry, task, _leave_out))
    if not names:
        raise ModelUnfit("no weights were found; name their folder with --models")
    return names


def _leave_out(problem: str) -> None:
    click.echo(f"left out: {problem}", err=True)


def _progress(done: int) -> None:
    if done % _PROGRESS < 1:
        click.echo(f"{done} faces", err=True)


@contextmanager
def _errors_for_people() -> Iterator[None]:
    try:
        yield
    except (EdgeError, EvaluationError) as error:
        raise click.ClickException(str(error)) from error
