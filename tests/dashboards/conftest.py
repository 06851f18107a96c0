"""A stand-in API, the dashboards in front of it, and a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from server.kpi.catalogue import DEFINITIONS
from tests.dashboards.examples import many_units, snapshot
from tests.dashboards.stand_in import Served, StandInApi, served


@pytest.fixture
def api() -> Iterator[StandInApi]:
    """A running API that says what the test publishes."""
    stand_in = StandInApi(DEFINITIONS, snapshot(many_units(3)))
    with served(stand_in):
        yield stand_in


@pytest.fixture
def dashboards(api: StandInApi) -> Iterator[Served]:
    """The running dashboards that read `api`."""
    settings = DashboardsSettings(api_url=api.url, province_name="Tỉnh Thử Nghiệm", page_s=3.0)
    with served(Served(create_app(settings))) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page of the wall's size; an error in its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
