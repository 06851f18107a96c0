"""Pictures of every desk page by role and language: `python -m tests.dashboards.desk_pictures DIR`.

The figures are made up; the dashboards and the browser are real. `--all` draws every page for every
role in both languages; `--documented` those that docs/screens.md shows; without either each page
once in Vietnamese, as the administrator of a trial.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from contract.access import Visitor
from contract.readings import encode
from dashboards.app import create_app
from dashboards.settings import DashboardsSettings
from server.access.roles import Role
from tests.browser import open_browser
from tests.dashboards import judged
from tests.dashboards.examples import Situation, device, many_units, province, situation
from tests.dashboards.pictures import keep
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi, served

SIZES = {"chairman": (390, 844), "rankings": (1280, 1000), "unit": (1280, 1000)}
DESK = (1280, 720)
_SETTLES_MS = 1500
"""Grids and charts draw themselves after the page is there."""
PAGES = (
    "chairman",
    "rankings",
    "indicators",
    "units",
    "unit",
    "dossiers",
    "planning",
    "classes?beside=none",
    "appraisal",
    f"appraisal?appraisal={judged.APPRAISAL}",
    "contests?kind=figure",
    f"contests?contest={judged.CONTEST[:-1]}2",
    "comments?unit=xa-1",
    "officer",
    "devices",
    "quality",
    "imports",
    "reports",
    "annotations",
    "schemes",
    "schemes?scheme=qd766-2022:1",
    *(f"offices?table={each}" for each in ("units", "counters", "calendars", "procedures")),
    *(f"offices?table={each}" for each in ("staff", "assignments")),
    "accounts",
    "sessions",
)
DOCUMENTED = ("rankings", "unit", "classes?beside=none", "chairman")
ROLES = tuple(role for role in Role if role is not Role.WALL)


def prepare(api: StandInApi, shown: Situation) -> None:
    """Let the API tell what a page shows only where somebody has judged and planned."""
    first = shown.units[0].unit.id
    classes = judged.classes([each.unit.id for each in shown.units])
    api.told = judged.answers(first) | {"classes": encode(classes)}
    api.plans = {each.unit.id: judged.planning(seed) for seed, each in enumerate(shown.units)}


def draw(folder: Path, *, every: bool, units: int = 24, addresses: Sequence[str] = PAGES) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    shown = situation(
        many_units(units, at=now),
        head=province(at=now, devices=(21, 24)),
        at=now,
        devices=tuple(device(number, online=number % 5 > 0) for number in range(1, 24)),
    )
    api = StandInApi(CATALOGUE, shown)
    prepare(api, shown)
    if addresses is DOCUMENTED:
        hostile, name = judged.HOSTILE.encode(), "Nguyễn Thị C".encode()
        api.told = {path: told.replace(hostile, name) for path, told in api.told.items()}
    visitors: dict[str, Visitor] = {"trial": judged.EVERYTHING}
    if every:
        visitors = {str(role): judged.visitor(role) for role in ROLES}
    with served(api), open_browser() as browser:
        settings = DashboardsSettings(api_url=api.url)
        with served(Served(create_app(settings, trial=True))) as screens:
            for role, visitor in visitors.items():
                api.visitor = replace(visitor, kind="trial")
                for language in ("vi", "en") if every else ("vi",):
                    names = f"{role}-{language}"
                    _draw_pages(browser, screens, folder, names, language, addresses)


def _draw_pages(
    browser: Browser,
    screens: Served,
    folder: Path,
    prefix: str,
    language: str,
    addresses: Sequence[str],
) -> None:
    for address in addresses:
        name = address.partition("?")[0]
        width, height = SIZES.get(name, DESK)
        page = browser.new_page(viewport={"width": width, "height": height})
        _open(page, f"{screens.url}/{address}{'&' if '?' in address else '?'}lang={language}")
        table = address.partition("table=")[2]
        one = f"-{table}" if table else "-one" if "=" in address else ""
        documented = addresses is DOCUMENTED
        shown = f"desk-{name}.png" if documented else f"desk-{prefix}-{name}{one}.png"
        keep(page.screenshot(full_page=not documented), folder / shown)
        page.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("main", timeout=60_000)
    page.wait_for_timeout(_SETTLES_MS)


if __name__ == "__main__":
    arguments = [each for each in sys.argv[1:] if not each.startswith("--")] or ["docs/images"]
    chosen = DOCUMENTED if "--documented" in sys.argv else PAGES
    draw(Path(arguments[0]), every="--all" in sys.argv, addresses=chosen)
