"""From a tap on the kiosk to the changed number in the wall's DOM: median and p95 over 100 taps.

Runs the whole system (`motcua run`), opens the wall in headless Chromium, posts ratings to the
kiosk as its page does, and times each until the page has drawn the new number of ratings. Each is
taken back then: a hundred ratings in a row are doubtful, and no figure would change any more. Run
`python -m tests.bench.tap_to_wall`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.sync_api import Page

from contract.identifiers import new_id
from tests.browser import open_browser
from tests.processes import Motcua, free_port
from tests.waiting import eventually

TARGET_S = 1.0
_DRAWN = """count => {
  const notes = [...document.querySelectorAll('[data-tile="satisfied"] .note')];
  const n = notes.map((note) => note.textContent.match(/n = (\\d+)/)).find(Boolean);
  return n && n[1] === String(count);
}"""
"""Ratings are the n of the share satisfied."""


def post(kiosk: str, path: str, body: dict[str, object]) -> None:
    """Send as the kiosk's page does."""
    httpx.post(f"{kiosk}{path}", json=body, headers={"Origin": kiosk}).raise_for_status()


def time_tap(page: Page, kiosk: str) -> float:
    """Return the seconds from the tap until the wall shows the one rating; then take it back."""
    identity = str(new_id(datetime.now(UTC)))
    started = time.perf_counter()
    post(kiosk, "/api/v1/ratings", {"id": identity, "score": 5, "language": "vi"})
    page.wait_for_function(_DRAWN, arg=1, polling="raf", timeout=20_000)
    elapsed_s = time.perf_counter() - started
    post(kiosk, f"/api/v1/ratings/{identity}/withdrawal", {})
    page.wait_for_function(_DRAWN, arg=0, polling="raf", timeout=20_000)
    return elapsed_s


def start_system(folder: Path) -> tuple[Motcua, str, str]:
    """Start the whole system; return the process and the addresses of wall and kiosk."""
    ports = {name: str(free_port()) for name in ("api", "dashboards", "kiosk", "broker")}
    arguments = [text for name, port in ports.items() for text in (f"--{name}-port", port)]
    system = Motcua(
        "run", "--empty", "--data", str(folder / "data"), *arguments, log=folder / "run.log"
    )
    eventually(lambda: "Ctrl-C" in system.output(), 90, what="the start of the system")
    return (
        system,
        f"http://127.0.0.1:{ports['dashboards']}/wall?scenes=now",
        f"http://127.0.0.1:{ports['kiosk']}",
    )


def main() -> None:
    """Print median and p95 of the taps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taps", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, open_browser() as browser:
        folder = Path(name)
        folder.chmod(0o755)
        system, wall, kiosk = start_system(folder)
        try:
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(wall)
            time_tap(page, kiosk)
            delays_s = [time_tap(page, kiosk) for _ in range(options.taps)]
        finally:
            system.stop()
    p95_s = statistics.quantiles(delays_s, n=20)[-1]
    print(
        f"tap to wall over {len(delays_s)} taps: median {statistics.median(delays_s):.3f} s, "
        f"p95 {p95_s:.3f} s (target ≤ {TARGET_S:.0f} s)"
    )


if __name__ == "__main__":
    main()
