"""A stand-in API, the dashboards in front of it, and a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from runtime.identity import Identity
from tests.dashboards.examples import CATALOGUE, many_units, situation
from tests.dashboards.stand_in import NOTHING_TOLD, TRIAL, Served, StandInApi, served


@pytest.fixture(scope="module")
def _api() -> Iterator[StandInApi]:
    with served(StandInApi(CATALOGUE, situation(many_units(3)))) as stand_in:
        assert isinstance(stand_in, StandInApi)
        yield stand_in


@pytest.fixture(scope="module")
def dashboards(_api: StandInApi) -> Iterator[Served]:
    """The module's running dashboards, which read its `api`."""
    settings = DashboardsSettings(api_url=_api.url)
    identity = Identity(name="Tỉnh Thử Nghiệm")
    with served(Served(create_app(settings, identity=identity, trial=True))) as server:
        yield server


@pytest.fixture
def api(_api: StandInApi) -> StandInApi:
    """The module's API, which begins each test with three units."""
    if not _api.running:
        _api.start()
    _api.catalogue, _api.beats, _api.down, _api.health = CATALOGUE, True, False, {}
    _api.slow_s, _api.outdated, _api.calendar_alone = 0.0, False, False
    _api.visitor, _api.told, _api.answered = TRIAL, NOTHING_TOLD, (200, {})
    _api.taken.clear()
    _api.publish(situation(many_units(3)))
    return _api


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
