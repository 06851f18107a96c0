"""One kiosk for the browser tests of a module, with an empty store for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from tests.processes import Motcua

from .pages import open_page, running_kiosk, write_settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_settings(tmp_path_factory.mktemp("kiosk"))


@pytest.fixture(scope="module")
def kiosk(folder: Path) -> Iterator[Motcua]:
    """One kiosk for all tests of this module; `outbox` gives each of them an empty store."""
    with running_kiosk(folder) as kiosk:
        yield kiosk


@pytest.fixture
def outbox(kiosk: Motcua, folder: Path) -> Iterator[Outbox]:
    with Outbox.open(folder / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        outbox.delete(row.id for row in outbox.waiting(100))
        yield outbox
        outbox.finish_prompts()
        outbox.put_status(ProcessName.RELAY, ProcessStatus())


@pytest.fixture
def page(browser: Browser, kiosk: Motcua) -> Iterator[Page]:
    with open_page(browser, kiosk) as page:
        yield page
