"""Tiny models, a key, and a published mirror of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract.manifest import ModelManifest
from models.delivery.fetch import Fetcher, Result
from models.delivery.landing import INCOMING
from models.delivery.publish import Weights, publish
from models.delivery.signature import open_signing_key, public_text
from models.delivery.sources import open_source
from models.delivery.trust import TRUSTED_FILE
from tests.edge.vision.graphs import brightness_graph, store
from tests.edge.vision.manifests import expression_manifest

PADDING = 200_000
"""Bytes appended to a graph, so that a download has a middle to break off in."""


@dataclass(frozen=True, kw_only=True)
class Province:
    """A server's folder of weights, its mirror and its key; `unit` is a counter's folder."""

    weights: Path
    mirror: Path
    unit: Path
    key: Ed25519PrivateKey

    def model(
        self,
        name: str = "new-reader",
        *,
        adapter: str = "label_probabilities",
        seed: int = 7,
    ) -> Weights:
        """Store a model that no release knows."""
        graph = brightness_graph(input_shape=["n", 1, 16, 16])
        # A field that ONNX does not know (number 200, bytes) is passed over when it is read.
        padding = np.random.default_rng(seed).bytes(PADDING)
        header = bytes([0xC2, 0x0C]) + varint(len(padding))
        manifest = expression_manifest(name=name, adapter=adapter)
        file = store(self.weights, manifest, graph + header + padding)
        return Weights(manifest=file.manifest, path=file.path)

    def publish(self, *models: Weights) -> None:
        """Sign an index of `models`."""
        publish(models, self.mirror, self.key, now=datetime.now(UTC))

    @property
    def public_key(self) -> str:
        """What a unit trusts."""
        return public_text(self.key)

    def fetcher(
        self,
        place: str | Path,
        *,
        product: Sequence[ModelManifest] = (),
        trusted: Sequence[str] | None = None,
    ) -> Fetcher:
        """Return a unit's fetcher from `place`, whose release knows `product`."""
        keys = [self.public_key] if trusted is None else trusted
        return Fetcher(
            source=open_source(str(place), product, keys, self.unit),
            folder=self.unit,
            product=product,
            searched=(),
        )

    def fetch(self, place: str | Path, name: str = "new-reader", **how: Sequence) -> Result:
        """Fetch one model as a unit does."""
        return self.fetcher(place, **how).fetch(name)


def province_in(folder: Path) -> Province:
    """Return an empty province below `folder`."""
    weights = folder / "weights"
    weights.mkdir()
    return Province(
        weights=weights,
        mirror=folder / "mirror",
        unit=folder / "unit",
        key=open_signing_key(folder / "models.key"),
    )


def left_in(folder: Path) -> list[str]:
    """Return the names in a unit's folder that whoever looks for models sees."""
    found = folder.iterdir() if folder.exists() else ()
    return sorted(path.name for path in found if path.name != INCOMING)


def parts_in(folder: Path) -> list[str]:
    """Return the names of what is not complete."""
    return [path.name for path in (folder / INCOMING).iterdir() if path.name != TRUSTED_FILE]


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
