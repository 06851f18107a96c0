"""A province with a mirror, served over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.delivery.mirror_server import MirrorServer, serving
from tests.models.delivery.province import Province, province_in


@pytest.fixture
def province(tmp_path: Path) -> Province:
    return province_in(tmp_path)


@pytest.fixture
def server(province: Province) -> Iterator[MirrorServer]:
    """The province's mirror, with `new-reader` published."""
    province.publish(province.model())
    with serving(province.mirror) as server:
        yield server
