"""Pictures of every scene of a wall: `python -m tests.dashboards.pictures docs/images`.

The figures are made up; the dashboards and the browser are real.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from dashboards.app import create_app
from dashboards.push.choice import SCENES
from dashboards.settings import DashboardsSettings
from tests.browser import open_browser
from tests.dashboards.examples import many_units, province, situation
from tests.dashboards.provinces import CATALOGUE
from tests.dashboards.stand_in import Served, StandInApi, served

_MORNING = datetime(2026, 11, 27, 3, 40, 22, tzinfo=UTC)
"""A Friday, 10:40 in Viet Nam."""
_SIZES = {1920: "", 3840: "-4k"}


def draw(
    folder: Path, units: int = 113, language: str = "vi", widths: tuple[int, ...] = (1920,)
) -> None:
    """Write one picture of each scene."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = situation(
        many_units(units, at=_MORNING), head=province(at=_MORNING, devices=(212, 226)), at=_MORNING
    )
    api = StandInApi(CATALOGUE, shown)
    with served(api), open_browser() as browser:
        settings = DashboardsSettings(api_url=api.url)
        with served(Served(create_app(settings, trial=True))) as screens:
            for width in widths:
                page = browser.new_page(viewport={"width": width, "height": width * 9 // 16})
                for scene in SCENES:
                    page.goto(f"{screens.url}/wall?scenes={scene}&lang={language}&turn=120")
                    page.wait_for_selector(".tile .age:not(:empty)")
                    page.wait_for_timeout(2500)
                    name = f"wall-{scene}{_SIZES[width]}.png"
                    keep(page.screenshot(), folder / name)


def keep(picture: bytes, path: Path) -> None:
    """Write a picture with 128 colours: a third of its size, and looks the same."""
    shown = Image.open(io.BytesIO(picture)).convert("RGB")
    shown.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    arguments = sys.argv[1:] or ["docs/images"]
    count = int(arguments[1]) if len(arguments) > 1 else 113
    chosen = arguments[2] if len(arguments) > 2 else "vi"
    sizes = tuple(map(int, arguments[3].split(","))) if len(arguments) > 3 else (1920,)
    draw(Path(arguments[0]), count, chosen, sizes)
