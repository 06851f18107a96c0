"""Models of one's own: the bundled ones trained on other pictures, under names of their own.

A product's name stands for the weights that its release came with: a device refuses others by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from contract.manifest import read_manifest
from edge.vision.fingerprint import fingerprint
from edge.vision.folders import OWN_SUFFIX
from models.lab.evaluation.errors import DataInvalid

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
PRODUCT = "motcua"
"""Begins the names of the bundled models, as a name of one's own does of those trained on."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PREFERRED_BY = 100


def check_name(name: str) -> str:
    """Return a name to begin those of one's own models; raise DataInvalid where it cannot."""
    if name == PRODUCT:
        raise DataInvalid(f"the name {PRODUCT} stands for the product's own weights: take another")
    if not _NAME.fullmatch(name):
        raise DataInvalid(
            f"the name {name!r} is not made of small letters a to z, digits and hyphens"
        )
    return name


def write_manifest(weights: Path, name: str, folders: Sequence[Path], *, goes_on: bool) -> Path:
    """Write NAME-….manifest.toml beside weights of one's own, and return it.

    It is the bundled model's but for what the weights are and what they learned from (`goes_on`:
    from the bundled weights on). Figures stay out: they were measured of other weights. Units that
    it is offered to prefer it to the bundled model.
    """
    product = read_manifest(MANIFESTS / f"{PRODUCT}{weights.stem.removeprefix(name)}.toml")
    learned = f"pictures of one's own ({', '.join(folder.name for folder in folders)})"
    source = replace(
        product.source,
        origin="trained by models/lab/training",
        trained_on=f"{product.source.trained_on}; then {learned}" if goes_on else learned,
        training_data_terms=product.source.training_data_terms if goes_on else "",
    )
    own = replace(
        product,
        name=weights.stem,
        file=weights.name,
        sha256=fingerprint(weights).sha256,
        summary=f"{product.name}, trained on {learned}",
        source=source,
        preference=product.preference + _PREFERRED_BY,
        preference_on={
            machine: preference + _PREFERRED_BY
            for machine, preference in product.preference_on.items()
        },
        measured=(),
    )
    path = weights.with_name(f"{weights.stem}{OWN_SUFFIX}")
    path.write_bytes(msgspec.toml.encode(own))
    return path


def set_hash(manifest: Path, file: Path) -> None:
    """Write the file's SHA-256 into its manifest, whose other words are written by hand.

    Raises DataInvalid where the manifest has no line for it.
    """
    text = manifest.read_text(encoding="utf-8")
    line = re.compile(r'^sha256 = ".*"$', re.MULTILINE)
    text, count = line.subn(f'sha256 = "{fingerprint(file).sha256}"', text, count=1)
    if not count:
        raise DataInvalid(f'{manifest} has no line sha256 = "…" to write the digest into')
    manifest.write_text(text, encoding="utf-8")
