"""A lived-in province with its screens, for the modules of tests that ask for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.lived_in import LivedIn, lived_in


@pytest.fixture(scope="module")
def office(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedIn]:
    """The module's province, where each role has somebody who is signed in."""
    with lived_in(module_database_url, tmp_path_factory.mktemp("office")) as found:
        yield found
