"""Which models there are, where their weights lie, and which of them can be used."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
import structlog

from contract.errors import ManifestError
from contract.manifest import ModelManifest, ModelTask, read_manifest
from edge.errors import ModelInvalid, ModelMissing
from edge.vision.fingerprint import fingerprint, mismatch
from edge.vision.folders import (
    MODELS_VARIABLE,
    PassedOver,
    manifests_beside_weights,
    require_readable,
    users_folder,
)

AUTO = "auto"
"""Instead of a model's name: the usable one that its manifest prefers most."""

# The folder is found by its place beside this room: edge does not import models.
_ROOT = Path(__file__).resolve().parents[2]
_MANIFESTS = _ROOT / "models" / "manifests"
_BUNDLED = _ROOT / "models" / "bundled"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """Weights that are the manifest's; its `sha256` is theirs, wherever that was known from."""

    manifest: ModelManifest
    path: Path


class Availability(StrEnum):
    """What was found of a model's weights."""

    USABLE = "usable"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """What was found of a model: `path` is where intact weights lie, None when nowhere.

    Where they lie somewhere, the manifest's `sha256` is theirs. `problem` says what is missing or
    damaged: a usable model may have a damaged copy elsewhere.
    """

    manifest: ModelManifest
    availability: Availability
    path: Path | None = None
    problem: str = ""

    @property
    def file(self) -> ModelFile | None:
        """The intact weights; None where there are none."""
        return None if self.path is None else ModelFile(manifest=self.manifest, path=self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRegistry:
    """Manifests, and the folders in which their weights are looked for, in this order.

    `passed_over` are the manifests beside weights that are not used.
    """

    manifests: tuple[ModelManifest, ...]
    folders: tuple[Path, ...]
    passed_over: tuple[PassedOver, ...] = ()

    def status(self, manifest: ModelManifest) -> ModelStatus:
        """Return where the intact weights of `manifest` lie, or what is wrong.

        A damaged file does not end the search: an intact copy in a later folder is as good.
        """
        problems: list[str] = []
        for path in (folder / manifest.file for folder in self.folders):
            if not _is_file(path):
                continue
            sha256, problem = _verify(path, manifest)
            if not problem:
                return ModelStatus(
                    manifest=msgspec.structs.replace(manifest, sha256=sha256),
                    availability=Availability.USABLE,
                    path=path,
                    problem="; ".join(problems),
                )
            problems.append(problem)
        return ModelStatus(
            manifest=manifest,
            availability=Availability.DAMAGED if problems else Availability.MISSING,
            problem="; ".join(problems) or f"{manifest.file} was not found",
        )

    def statuses(self) -> tuple[ModelStatus, ...]:
        """Return the status of each model, most preferred first within its task."""
        return tuple(
            self.status(manifest) for task in ModelTask for manifest in self._preferred(task)
        )

    def find(self, name: str) -> ModelManifest:
        """Return the manifest called `name`.

        Raises ModelMissing that lists the known names, and the manifests that are passed over.
        """
        for manifest in self.manifests:
            if manifest.name == name:
                return manifest
        known = ", ".join(sorted(manifest.name for manifest in self.manifests))
        passed_over = "".join(f"; passed over: {other.problem}" for other in self.passed_over)
        raise ModelMissing(f"no model is called {name}; known: {known}{passed_over}")

    def choose(self, task: ModelTask, name: str = AUTO) -> ModelFile:
        """Return the verified weights of the model `name`, or of the best usable one for `task`.

        Raises ModelMissing when there are none, ModelInvalid when the named ones are damaged or
        made for another task; the text says why each candidate was passed over.
        """
        return next(self.candidates(task)) if name == AUTO else self._named(task, name)

    def candidates(self, task: ModelTask) -> Iterator[ModelFile]:
        """Yield the verified weights of each usable model for `task`, most preferred first.

        Raises ModelMissing where there is none; the text says why each one was passed over.
        """
        unreported: list[ModelStatus] = []
        is_any_usable = False
        for status in map(self.status, self._preferred(task)):
            unreported.append(status)
            if status.file is not None:
                _log_damaged(unreported)
                unreported.clear()
                is_any_usable = True
                yield status.file
        if not is_any_usable:
            problems = " | ".join(f"{one.manifest.name}: {one.problem}" for one in unreported)
            raise ModelMissing(
                f"no usable {task.replace('_', ' ')} model ({problems or 'none known'}); "
                f"{self._advice()}"
            )

    def _preferred(self, task: ModelTask) -> list[ModelManifest]:
        candidates = [manifest for manifest in self.manifests if manifest.task is task]
        return sorted(candidates, key=lambda manifest: (-_preference(manifest), manifest.name))

    def _named(self, task: ModelTask, name: str) -> ModelFile:
        manifest = self.find(name)
        if manifest.task is not task:
            raise ModelInvalid(f"model {name} is for {manifest.task}, not for {task}")
        status = self.status(manifest)
        if status.file is not None:
            _log_damaged([status])
            return status.file
        kind = ModelMissing if status.availability is Availability.MISSING else ModelInvalid
        raise kind(f"model {name} cannot be used: {status.problem}; {self._advice()}")

    def _advice(self) -> str:
        looked = ", ".join(str(folder) for folder in self.folders)
        return (
            f"looked in {looked}; `motcua models fetch` brings models, --models or "
            f"{MODELS_VARIABLE} names another folder"
        )


def product_manifests() -> tuple[ModelManifest, ...]:
    """Return the manifests of this release; raise ModelInvalid for a broken one."""
    try:
        return tuple(read_manifest(path) for path in sorted(_MANIFESTS.glob("*.toml")))
    except ManifestError as error:
        raise ModelInvalid(str(error)) from error


def open_registry(
    folder: Path | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    quiet: bool = False,
) -> ModelRegistry:
    """Return the product's manifests, then those beside weights, with the folders to search.

    The order is: weights bundled with the product, `folder`, the one that MOTCUA_MODELS names,
    the user's own, and ../shared/models while working in a checkout. What is passed over is logged,
    unless `quiet` leaves telling it to the caller. Raises ModelInvalid for a broken manifest of the
    product, ModelMissing for a folder that is named, is there, and cannot be read.
    """
    variable = environment.get(MODELS_VARIABLE)
    named = [folder, Path(variable) if variable else None]
    for place in named:
        require_readable(place)
    wanted = [_BUNDLED, *named, users_folder(environment)]
    if (_ROOT / "pyproject.toml").is_file():
        wanted.append(_ROOT.parent / "shared" / "models")
    folders = _each_once(place for place in wanted if place is not None)
    product = product_manifests()
    beside = manifests_beside_weights(folders, product)
    if not quiet:
        for one in beside.passed_over:
            log.warning("manifest_unusable", problem=one.problem)
    return ModelRegistry(
        manifests=(*product, *beside.manifests), folders=folders, passed_over=beside.passed_over
    )


def _each_once(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return each folder as it is first spelt."""
    folders: dict[Path, Path] = {}
    for place in places:
        folders.setdefault(place.resolve(), place)
    return tuple(folders.values())


def _preference(manifest: ModelManifest) -> int:
    return manifest.preference_on.get(platform.machine(), manifest.preference)


def _log_damaged(passed_over: Sequence[ModelStatus]) -> None:
    """Log the damaged files that did not keep a model from being found."""
    for status in passed_over:
        if status.problem and status.availability is not Availability.MISSING:
            log.warning("model_damaged", model=status.manifest.name, problem=status.problem)


def _is_file(path: Path) -> bool:
    """Say whether a file is there; one in a folder that this user may not enter is not."""
    try:
        return path.is_file()
    except OSError:
        return False


def _verify(path: Path, manifest: ModelManifest) -> tuple[str, str]:
    """Return the file's SHA-256, and in what way it is not the manifest's, "" when it is."""
    try:
        found = fingerprint(path)
        return found.sha256, mismatch(manifest, path, found)
    except OSError as error:
        return "", f"{path} cannot be read: {error.strerror}"
