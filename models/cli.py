"""`motcua models`: which models there are, where their weights lie, and whether they are intact."""

from __future__ import annotations

from pathlib import Path

import click

from edge.vision.folders import folder_problem, require_there
from edge.vision.registry import Availability, ModelRegistry, ModelStatus, open_registry
from models.delivery.commands import fetch, publish
from models.lab.evaluation.cli import bench, evaluate
from models.loading import misfit

_folder = click.option(
    "--models",
    # Whether it may be read is said by the registry, the same for an option and a variable.
    type=click.Path(path_type=Path, readable=False),
    help="A folder of weights.",
)


@click.group()
def command() -> None:
    """The model registry: manifests in the product, weights in folders."""


command.add_command(fetch)
command.add_command(publish)
command.add_command(evaluate)
command.add_command(bench)


@command.command("list")
@_folder
def list_models(models: Path | None) -> None:
    """Show each model's task, and where its weights lie or why they cannot be used.

    "auto" takes the first usable model of its task.
    """
    registry = _open(models)
    for status in registry.statuses():
        manifest = status.manifest
        unfit = _misfit(status)
        found = "; ".join(filter(None, (str(status.path or ""), status.problem, unfit)))
        condition = "unfit" if unfit else status.availability
        click.echo(f"{manifest.name:20} {manifest.task:17} {condition:8} {found}")
    _say_what_was_searched(registry)


@command.command("verify")
@_folder
def verify(models: Path | None) -> None:
    """Check and load each model whose weights are here; fail where one is not what it should be.

    A manifest beside weights that cannot be read counts as such a model.
    """
    registry = _open(models, must_be_there=True)
    statuses = registry.statuses()
    bad = 0
    for status in statuses:
        problem = status.problem or (misfit(status.file) if status.file else "")
        click.echo(f"{status.manifest.name:20} {problem or f'intact: {status.path}'}")
        bad += bool(problem) and status.availability is not Availability.MISSING
    _say_what_was_searched(registry)
    broken = sum(passed.is_broken for passed in registry.passed_over)
    bad += broken
    if bad:
        count = len(statuses) + broken
        raise click.ClickException(f"{bad} of {count} models are not what they should be")
    if all(status.availability is Availability.MISSING for status in statuses):
        raise click.ClickException(
            "no weights were found; fetch some with `motcua models fetch`, or name their folder "
            "with --models"
        )


def _open(folder: Path | None, *, must_be_there: bool = False) -> ModelRegistry:
    if must_be_there:
        require_there(folder)
    return open_registry(folder, quiet=True)


def _misfit(status: ModelStatus) -> str:
    """Return why intact weights do not fit their manifest; "" where that cannot be told here."""
    try:
        return misfit(status.file) if status.file else ""
    except ModuleNotFoundError:
        return ""  # a server has no ONNX Runtime; whoever uses the model checks it again


def _say_what_was_searched(registry: ModelRegistry) -> None:
    for passed in registry.passed_over:
        click.echo(f"passed over: {passed.problem}")
    for folder in registry.folders:
        problem = folder_problem(folder)
        click.echo(f"searched {folder}{f' ({problem})' if problem else ''}")
