"""Random model outputs for the decoders' properties, and boxes compared with tolerance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def probabilities(rng: np.random.Generator, *shape: int) -> Floats:
    """Return values in 0..1, mostly low as a detector's are."""
    return (rng.random(shape) ** 3).astype(np.float32)


def offsets(rng: np.random.Generator, *shape: int) -> Floats:
    """Return values around 0, as a detector's box and landmark outputs are."""
    return rng.normal(0, 1, shape).astype(np.float32)


def assert_close(found: Floats, expected: list[list[float]] | list[float]) -> None:
    """Compare an array with the reference's rows."""
    wanted = np.array(expected, np.float32).reshape(found.shape)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-3)
