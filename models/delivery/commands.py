"""`motcua models fetch` and `publish`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from edge.vision.folders import MODELS_VARIABLE, fetched_folder
from edge.vision.registry import open_registry, product_manifests
from models.delivery.errors import DeliveryError, FolderUnusable, ManifestRefused, SourceAway
from models.delivery.fetch import Fetcher, Result
from models.delivery.publish import publish as publish_models
from models.delivery.publish import publishable
from models.delivery.signature import KEY_VARIABLE, open_signing_key, public_text, trusted_keys
from models.delivery.sources import OFFICIAL, open_source

FROM_VARIABLE = "MOTCUA_MODELS_FROM"


@click.command("fetch")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Whatever the mirror offers.")
@click.option(
    "--from",
    "place",
    envvar=FROM_VARIABLE,
    default=OFFICIAL,
    show_default=True,
    metavar="PLACE",
    help="A mirror: its address or folder; or the models' official addresses.",
)
@click.option("--key", "keys", envvar=KEY_VARIABLE, default="", help="The mirror's public key.")
@click.option("--models", type=click.Path(path_type=Path), help="The folder to fetch into.")
def fetch(
    names: Sequence[str], place: str, keys: str, models: Path | None, *, everything: bool
) -> None:
    """Bring weights to this machine, from their authors or from a server's mirror.

    Weights are moved to their name only when their hash is right, and what is already here is not
    fetched again. A signed index older than the one that this machine knows is refused.
    """
    if bool(names) is everything:
        raise click.UsageError("name the models to fetch, or say --all")
    if everything and place == OFFICIAL:
        raise click.UsageError(f"--all needs a mirror: name it with --from or {FROM_VARIABLE}")
    fetcher = _fetcher(place, keys, models)
    if not _fetch_all(fetcher, names, everything=everything):
        raise click.exceptions.Exit(1)


@click.command("publish")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The private key that signs; made where there is none.",
)
@click.option("--models", type=click.Path(path_type=Path), help="A further folder of weights.")
def publish(folder: Path, names: Sequence[str], key_file: Path, models: Path | None) -> None:
    """Put intact weights and a signed index into FOLDER, for the API to serve or for a stick.

    Without a NAME every model is published whose weights are here, and nothing while a manifest
    beside weights cannot be read. What an earlier index offered and this one does not is withdrawn:
    devices that fetched it remove it.
    """
    registry = open_registry(models or folder, quiet=True)
    weights = publishable(registry, names)
    for other in registry.passed_over:
        click.echo(f"passed over: {other.problem}")
    key = open_signing_key(key_file)
    publish_models(weights, folder, key, now=datetime.now(UTC))
    for model in weights:
        click.echo(f"{model.manifest.name:20} {model.manifest.sha256[:12]} {model.manifest.file}")
    click.echo(f"{folder}: {len(weights)} models, signed")
    click.echo(f"devices trust it with {KEY_VARIABLE}={public_text(key)}")


def _fetcher(place: str, keys: str, models: Path | None) -> Fetcher:
    folder = models or fetched_folder(os.environ)
    if folder is None:
        raise FolderUnusable(
            f"you have no home folder to fetch into: name one with --models or {MODELS_VARIABLE}"
        )
    product = product_manifests()
    return Fetcher(
        source=open_source(place, product, trusted_keys(keys), folder.absolute()),
        folder=folder.absolute(),
        product=product,
        # A folder that is named is to have the file; else any that the registry searches will do.
        searched=() if models else open_registry(quiet=True).folders,
    )


def _fetch_all(fetcher: Fetcher, names: Sequence[str], *, everything: bool) -> bool:
    """Fetch the models and return whether all went well; one that fails keeps back no other.

    Where `everything` is wanted, what this release cannot use is passed over, what was withdrawn is
    removed, and a place that is away ends it.
    """
    complete = True
    for name in fetcher.source.names() if everything else names:
        try:
            _say(fetcher.fetch(name))
        except DeliveryError as error:
            if everything and isinstance(error, SourceAway):
                raise
            if everything and isinstance(error, ManifestRefused):
                click.echo(f"{name}: passed over: {error}")
            else:
                click.echo(f"Error: {error}", err=True)  # at once, among the models that came
                complete = False
    for result in fetcher.withdraw() if everything else ():
        _say(result)
    return complete


def _say(result: Result) -> None:
    click.echo(f"{result.name}: {result.outcome}, {result.path}")
