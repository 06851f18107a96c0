"""A headless Chromium for tests; without one they are skipped, in CI they fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

EXPECT_MS = 20_000  # Playwright's own 5 s are short on a machine that does other work as well
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Yield the system's Chromium, else the one that `playwright install chromium` brought."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    with ExitStack() as stack:
        try:
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
        except Exception as error:  # noqa: BLE001 - so does a driver that cannot start
            _report_missing(error)
        expect.set_options(timeout=EXPECT_MS)
        yield browser
        browser.close()


def _report_missing(error: Exception) -> NoReturn:
    reason, *_ = str(error).strip().splitlines() or [type(error).__name__]
    in_ci = os.environ.get("CI", "").lower() in {"1", "true"}
    report = pytest.fail if in_ci else pytest.skip
    report(f"no browser: apt install chromium, or playwright install chromium ({reason})")
