"""The folders in which models are looked for, and the manifests that lie beside weights there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.errors import ManifestError
from contract.manifest import ModelManifest, read_manifest
from edge.errors import ModelMissing

MODELS_VARIABLE = "MOTCUA_MODELS"

FETCHED_SUFFIX = ".manifest.json"
"""Ends the name of a manifest that came with weights from a server: NAME.manifest.json."""

OWN_SUFFIX = ".manifest.toml"
"""Ends the name of a manifest that its user wrote for weights of their own."""

NOT_THERE = "not there"
"""What `folder_problem` says of a folder that does not exist, and may come to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Why a manifest beside weights is not used, in one line; `is_broken` where it is no manifest.

    One that is not broken is hidden by another of the same name.
    """

    problem: str
    is_broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestsFound:
    """The manifests beside weights that are used, and those that are not."""

    manifests: tuple[ModelManifest, ...]
    passed_over: tuple[PassedOver, ...]


def fetched_folder(environment: Mapping[str, str]) -> Path | None:
    """Return where fetched weights go: the folder of MOTCUA_MODELS, else the user's own.

    None for a user without a home, who has to name a folder.
    """
    named = environment.get(MODELS_VARIABLE)
    return Path(named) if named else users_folder(environment)


def users_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder of this user's models, whether it exists or not; None without a home."""
    data, home = environment.get("XDG_DATA_HOME"), environment.get("HOME")
    if data:
        return Path(data) / "motcua" / "models"
    return Path(home) / ".local" / "share" / "motcua" / "models" if home else None


def folder_problem(folder: Path) -> str:
    """Return why nothing can be found in `folder`, NOT_THERE or the system's words; "" else."""
    try:
        (folder / "..").stat()  # needs the right to enter the folder, as its files do
        next(folder.iterdir(), None)
    except FileNotFoundError:
        return NOT_THERE
    except OSError as error:
        return error.strerror or str(error)
    return ""


def require_there(folder: Path | None) -> None:
    """Raise ModelMissing where the folder that a user names is not there."""
    if folder is not None and folder_problem(folder) == NOT_THERE:
        raise ModelMissing(f"the folder of models {folder} is {NOT_THERE}; name one that is")


def require_readable(folder: Path | None) -> None:
    """Raise ModelMissing where the folder is there and this user cannot look into it."""
    problem = folder_problem(folder) if folder is not None else ""
    if problem not in {"", NOT_THERE}:
        raise ModelMissing(
            f"the folder of models {folder} cannot be read: {problem}; let this user enter and "
            f"read it, or name another one with --models or {MODELS_VARIABLE}"
        )


def manifests_beside_weights(
    folders: Sequence[Path], product: Sequence[ModelManifest]
) -> ManifestsFound:
    """Return the manifests in `folders` of models that the product does not know, each name once.

    What is passed over does not keep the others from being used. The product's own manifests win,
    so that a release's models are the same everywhere; then those of an earlier folder.
    """
    products = {manifest.name for manifest in product}
    found: dict[str, ModelManifest] = {}
    passed_over: list[PassedOver] = []
    for path, manifest in _read(folders):
        if isinstance(manifest, ManifestError):
            passed_over.append(PassedOver(problem=str(manifest), is_broken=True))
        elif manifest.name in products:
            problem = f"the name is the product's: {manifest.name}; one of your own needs another"
            passed_over.append(PassedOver(problem=f"manifest {path}: {problem}"))
        elif found.setdefault(manifest.name, manifest) != manifest:
            problem = f"another one before it has the name {manifest.name}"
            passed_over.append(PassedOver(problem=f"manifest {path}: {problem}"))
    return ManifestsFound(manifests=tuple(found.values()), passed_over=tuple(passed_over))


def _read(folders: Sequence[Path]) -> Iterator[tuple[Path, ModelManifest | ManifestError]]:
    """Yield each manifest beside weights and where it lies, or why it cannot be read."""
    for folder in folders:
        if folder_problem(folder):
            continue
        for suffix in (OWN_SUFFIX, FETCHED_SUFFIX):
            for path in sorted(folder.glob(f"*{suffix}")):
                try:
                    yield path, read_manifest(path)
                except ManifestError as error:
                    yield path, error
