"""`motcua models`: which models there are, where their weights lie, and whether they are intact."""

from __future__ import annotations

from pathlib import Path

import click

from edge.errors import EdgeError
from edge.vision.folders import unreadable_manifests
from edge.vision.registry import Condition, ModelRegistry, open_registry
from models.delivery.commands import fetch, publish
from models.evaluation.cli import bench, evaluate
from models.loading import refusal

_folder = click.option("--models", type=click.Path(path_type=Path), help="A folder of weights.")


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
        found = "; ".join(filter(None, (str(status.path or ""), status.problem)))
        click.echo(f"{manifest.name:20} {manifest.task:17} {status.condition:8} {found}")
    for problem in unreadable_manifests(registry.folders):
        click.echo(f"passed over: {problem}")
    for folder in registry.folders:
        click.echo(f"searched {folder}{'' if folder.is_dir() else ' (not there)'}")


@command.command("verify")
@_folder
def verify(models: Path | None) -> None:
    """Check and load each model whose weights are here; fail where one is not what it should be.

    A manifest beside weights that cannot be read counts as such a model.
    """
    registry = _open(models)
    statuses = registry.statuses()
    bad = 0
    for status in statuses:
        problem = status.problem or refusal(registry, status.manifest)
        click.echo(f"{status.manifest.name:20} {problem or f'intact: {status.path}'}")
        bad += bool(problem) and status.condition is not Condition.MISSING
    unreadable = unreadable_manifests(registry.folders)
    for problem in unreadable:
        click.echo(problem)
    bad += len(unreadable)
    if bad:
        count = len(statuses) + len(unreadable)
        raise click.ClickException(f"{bad} of {count} models are not what they should be")
    if all(status.condition is Condition.MISSING for status in statuses):
        raise click.ClickException(
            "no weights were found; fetch some with `motcua models fetch`, or name their folder "
            "with --models"
        )


def _open(folder: Path | None) -> ModelRegistry:
    try:
        return open_registry(folder)
    except EdgeError as error:
        raise click.ClickException(str(error)) from error
